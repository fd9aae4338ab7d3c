// Owns: the name and the version of this program.

enum Software {
    static let version = "0.1.0"
    /// As it tells others.
    static let name = "recoup \(version)"
}
