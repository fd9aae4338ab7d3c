// Owns: when and how often a person may be contacted, as pure functions that name the rule which denies. Knows no clock:
// days, counts and zones are arguments.

/// Local hours in which a stage may reach a person.
public struct ContactWindow: Hashable, Sendable {
    /// The rule's id, such as `CN-TIME`.
    public var rule: String
    public var stages: Set<Stage>
    public var window: LocalWindow

    public init(rule: String, stages: Set<Stage>, window: LocalWindow) {
        self.rule = rule
        self.stages = stages
        self.window = window
    }
}

/// How many contacts a customer may get on one business day, all of the customer's accounts and all of the cap's
/// stages together.
public struct ContactCap: Hashable, Sendable {
    /// The rule's id, such as `CN-TALK`.
    public var rule: String
    public var contactsPerDay: Int

    public init(rule: String, contactsPerDay: Int) {
        self.rule = rule
        self.contactsPerDay = contactsPerDay
    }
}

/// Why conduct denies a contact: the rules, and what they saw.
public struct ConductDenial: Error, Hashable, Sendable {
    public var rules: [String]
    public var detail: String

    public init(rules: [String], detail: String) {
        self.rules = rules
        self.detail = detail
    }
}

/// The conduct rules of a policy.
public struct ConductRules: Hashable, Sendable {
    /// IANA zone of people of whom none is known.
    public var timeZone: String
    public var windows: [ContactWindow]
    public var caps: [ContactCap]

    public init(timeZone: String, windows: [ContactWindow], caps: [ContactCap]) {
        self.timeZone = timeZone
        self.windows = windows
        self.caps = caps
    }

    /// The stages that reach the person themselves and count as a contact: a message, a call. Placing a case with an
    /// agency and preparing evidence reach nobody.
    public static let contactStages: Set<Stage> = [.sms, .callQueue]

    /// The hours that every rule for the stage allows, in the person's zone; the whole day where there is no rule.
    /// - Throws: where the rules leave no hour.
    public func window(for stage: Stage) throws(ConductDenial) -> LocalWindow {
        let applying = windows.filter { $0.stages.contains(stage) }
        let common = applying.reduce(LocalWindow.wholeDay) { $0.intersection($1.window) }
        guard common.isEmpty else { return common }
        let rules = applying.map(\.rule)
        throw ConductDenial(
            rules: rules, detail: "\(rules.joined(separator: " and ")) leave no hour of the day for \(stage.rawValue)")
    }

    /// Why the customer may get no further contact today; nil: the customer may.
    /// - Parameter contactsToday: contacts of this customer on this business day, made, planned or unknown.
    public func capDenial(for stage: Stage, contactsToday: Int) -> ConductDenial? {
        guard Self.contactStages.contains(stage) else { return nil }
        let denying = caps.filter { contactsToday >= $0.contactsPerDay }
        guard !denying.isEmpty else { return nil }
        let told = denying.map { "\($0.rule) allows \($0.contactsPerDay) a day" }.joined(separator: ", ")
        return ConductDenial(
            rules: denying.map(\.rule), detail: "\(told); \(contactsToday) made or planned today")
    }
}
