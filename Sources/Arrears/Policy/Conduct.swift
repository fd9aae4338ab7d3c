// Owns: when and how often a person may be contacted, as pure functions that name the rule which denies. Knows no clock:
// days, counts and zones are arguments.

/// Local hours in which a stage may reach a person.
package struct ContactWindow: Hashable, Sendable {
    /// The rule's id, such as `CN-TIME`.
    package var rule: String
    package var stages: Set<Stage>
    package var window: LocalWindow
}

/// How many contacts a customer may get on one business day, all of the customer's accounts and all of the cap's
/// stages together.
package struct ContactCap: Hashable, Sendable {
    /// The rule's id, such as `CN-TALK`.
    package var rule: String
    package var contactsPerDay: Int
}

/// Why conduct denies a contact: the rules, and what they saw.
package struct ConductDenial: Error, Hashable, Sendable {
    package var rules: [String]
    package var detail: String
}

/// The conduct rules of a policy.
package struct ConductRules: Hashable, Sendable {
    /// IANA zone of people of whom none is known.
    package var timeZone: String
    package var windows: [ContactWindow]
    package var caps: [ContactCap]

    /// The hours that every rule for the stage allows, in the person's zone; the whole day where there is no rule.
    /// - Throws: where the rules leave no hour.
    package func window(for stage: Stage) throws(ConductDenial) -> LocalWindow {
        let applying = windows.filter { $0.stages.contains(stage) }
        let common = applying.reduce(LocalWindow.wholeDay) { $0.intersection($1.window) }
        guard common.isEmpty else { return common }
        let rules = applying.map(\.rule)
        throw ConductDenial(
            rules: rules, detail: "\(rules.joined(separator: " and ")) leave no hour of the day for \(stage.rawValue)")
    }

    /// Why the customer may get no further contact today; nil: the customer may. `contactsToday` are those of this
    /// customer on this business day, made, planned or unknown.
    package func capDenial(for stage: Stage, contactsToday: Int) -> ConductDenial? {
        guard stage.descriptor.isContact else { return nil }
        let denying = caps.filter { contactsToday >= $0.contactsPerDay }
        guard !denying.isEmpty else { return nil }
        let told = denying.map { "\($0.rule) allows \($0.contactsPerDay) a day" }.joined(separator: ", ")
        return ConductDenial(
            rules: denying.map(\.rule), detail: "\(told); \(contactsToday) made or planned today")
    }
}
