// Owns: what a stage's worker is told about a task: the fields it needs and no more (least disclosure).

/// The content of one task.
package enum StageContent: Hashable, Sendable {
    case sms(SMSContent)
    case call(CallContent)
    case placement(PlacementContent)
    case legal(LegalContent)

    package var stage: Stage {
        switch self {
        case .sms: .sms
        case .call: .callQueue
        case .placement: .agency
        case .legal: .legal
        }
    }

    /// For people: what tells one task from another, the person's own data only where they are revealed.
    package func words(revealing isRevealing: Bool) -> String {
        switch self {
        case .sms(let sms):
            return "template \(sms.templateID) in \(sms.language) to \(isRevealing ? sms.to : masked(phone: sms.to))"
        case .call(let call):
            let hours = "\(call.localHoursFrom)–\(call.localHoursTo) \(call.timeZone)"
            return "script \(call.scriptID), queue \(call.queue), \(hours)"
                + (call.offerPlan ? ", a plan is offered" : "")
        case .placement(let placement):
            let agency = "placement \(placement.placement) with \(placement.agencyID)"
            return "\(agency) until \(placement.expiresOn), \(placement.purpose)"
        case .legal(let legal):
            let limit = legal.limitationEndsOn?.iso ?? "unknown"
            return "limitation ends \(limit), documents \(legal.presentDocuments.joined(separator: " "))"
        }
    }
}

package struct SMSContent: Hashable, Sendable {
    /// E.164.
    package var to: String
    package var templateID: String
    /// Values for the template's placeholders.
    package var fields: [String: String]
    package var language: String

    package init(to: String, templateID: String, fields: [String: String], language: String) {
        self.to = to
        self.templateID = templateID
        self.fields = fields
        self.language = language
    }
}

package struct CallContent: Hashable, Sendable {
    /// E.164.
    package var phone: String
    package var scriptID: String
    /// 0 is the highest.
    package var priority: Int
    /// Such as `standard`, `senior`.
    package var queue: String
    /// The person's name, masked.
    package var displayName: String
    /// Allowed local hours, `08:00` to `22:00`, in `timeZone`.
    package var localHoursFrom: String
    package var localHoursTo: String
    /// IANA name.
    package var timeZone: String
    package var offerPlan: Bool
    package var arrears: Money
    package var dpd: Int
    package var businessDate: CalendarDate

    package init(
        phone: String, scriptID: String, priority: Int, queue: String, displayName: String,
        localHoursFrom: String, localHoursTo: String, timeZone: String, offerPlan: Bool, arrears: Money, dpd: Int,
        businessDate: CalendarDate
    ) {
        self.phone = phone
        self.scriptID = scriptID
        self.priority = priority
        self.queue = queue
        self.displayName = displayName
        self.localHoursFrom = localHoursFrom
        self.localHoursTo = localHoursTo
        self.timeZone = timeZone
        self.offerPlan = offerPlan
        self.arrears = arrears
        self.dpd = dpd
        self.businessDate = businessDate
    }
}

package struct PlacementContent: Hashable, Sendable {
    package var agencyID: String
    /// First, second, … placement of the case.
    package var placement: Int
    package var caseRef: String
    package var debtorName: String
    package var phone: String
    package var arrears: Money
    package var balance: Money
    package var dpd: Int
    package var product: String
    package var region: String
    package var businessDate: CalendarDate
    /// The agency's mandate ends with this day.
    package var expiresOn: CalendarDate
    package var purpose: String

    package init(
        agencyID: String, placement: Int, caseRef: String, debtorName: String, phone: String, arrears: Money,
        balance: Money, dpd: Int, product: String, region: String, businessDate: CalendarDate,
        expiresOn: CalendarDate, purpose: String
    ) {
        self.agencyID = agencyID
        self.placement = placement
        self.caseRef = caseRef
        self.debtorName = debtorName
        self.phone = phone
        self.arrears = arrears
        self.balance = balance
        self.dpd = dpd
        self.product = product
        self.region = region
        self.businessDate = businessDate
        self.expiresOn = expiresOn
        self.purpose = purpose
    }
}

package struct LegalContent: Hashable, Sendable {
    package var caseRef: String
    package var debtorName: String
    package var product: String
    package var balance: Money
    package var arrears: Money
    package var minimumBalance: Money
    package var dpd: Int
    package var businessDate: CalendarDate
    package var oldestUnpaidDueDate: CalendarDate?
    /// The last day of the limitation period; nil when it cannot be computed.
    package var limitationEndsOn: CalendarDate?
    package var requiredDocuments: [String]
    package var presentDocuments: [String]
    package var hasHardshipEvidence: Bool
    /// Who approved; nil: nobody.
    package var approvedBy: String?
    package var history: [CaseHistoryEntry]

    package init(
        caseRef: String, debtorName: String, product: String, balance: Money, arrears: Money,
        minimumBalance: Money, dpd: Int, businessDate: CalendarDate, oldestUnpaidDueDate: CalendarDate?,
        limitationEndsOn: CalendarDate?, requiredDocuments: [String], presentDocuments: [String],
        hasHardshipEvidence: Bool, approvedBy: String?, history: [CaseHistoryEntry]
    ) {
        self.caseRef = caseRef
        self.debtorName = debtorName
        self.product = product
        self.balance = balance
        self.arrears = arrears
        self.minimumBalance = minimumBalance
        self.dpd = dpd
        self.businessDate = businessDate
        self.oldestUnpaidDueDate = oldestUnpaidDueDate
        self.limitationEndsOn = limitationEndsOn
        self.requiredDocuments = requiredDocuments
        self.presentDocuments = presentDocuments
        self.hasHardshipEvidence = hasHardshipEvidence
        self.approvedBy = approvedBy
        self.history = history
    }
}
