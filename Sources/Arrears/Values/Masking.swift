// Owns: what may be shown of personal data where nobody asked for it with a reason.

/// The first character and a star for each of the rest: `张*`, `L**`; empty for no name.
package func masked(name: String?) -> String {
    guard let name, let first = name.first else { return "" }
    return String(first) + String(repeating: "*", count: min(max(name.count - 1, 1), 3))
}

/// The last two digits of a number: `•••••••••34`; empty for none.
package func masked(phone: String?) -> String {
    guard let phone, !phone.isEmpty else { return "" }
    return String(repeating: "•", count: max(phone.count - 2, 0)) + phone.suffix(2)
}
