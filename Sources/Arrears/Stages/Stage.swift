// Owns: which kinds of work there are, from the gentlest on. What each is stands in its descriptor.

/// The kind of work. More may come: each has a descriptor in a file of its own.
package enum Stage: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    case sms, callQueue, agency, legal

    /// In the order of the cases: from the gentlest.
    package static func < (left: Stage, right: Stage) -> Bool { left.place < right.place }

    private var place: Int {
        guard let place = Stage.allCases.firstIndex(of: self) else { preconditionFailure("\(self) is no stage") }
        return place
    }
}
