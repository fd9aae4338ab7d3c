// Owns: what a stage's worker is told about a task: the fields it needs and no more (least disclosure).

/// The content of one task.
public enum StageContent: Hashable, Sendable {
    case sms(SMSContent)
    case call(CallContent)
    case placement(PlacementContent)
    case legal(LegalContent)

    public var stage: Stage {
        switch self {
        case .sms: .sms
        case .call: .callQueue
        case .placement: .agency
        case .legal: .legal
        }
    }
}

public struct SMSContent: Hashable, Sendable {
    /// E.164.
    public var to: String
    public var templateID: String
    /// Values for the template's placeholders.
    public var fields: [String: String]
    public var language: String

    public init(to: String, templateID: String, fields: [String: String], language: String) {
        self.to = to
        self.templateID = templateID
        self.fields = fields
        self.language = language
    }
}

public struct CallContent: Hashable, Sendable {
    /// E.164.
    public var phone: String
    public var scriptID: String
    /// 0 is the highest.
    public var priority: Int
    /// Such as `standard`, `senior`.
    public var queue: String
    /// The person's name, masked.
    public var displayName: String
    /// Allowed local hours, `08:00` to `22:00`, in `timeZone`.
    public var localHoursFrom: String
    public var localHoursTo: String
    /// IANA name.
    public var timeZone: String
    public var offerPlan: Bool
    public var arrears: Money
    public var dpd: Int
    public var businessDate: CalendarDate

    public init(
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

public struct PlacementContent: Hashable, Sendable {
    public var agencyID: String
    /// First, second, … placement of the case.
    public var placement: Int
    public var caseRef: String
    public var debtorName: String
    public var phone: String
    public var arrears: Money
    public var balance: Money
    public var dpd: Int
    public var product: String
    public var region: String
    public var businessDate: CalendarDate
    /// The agency's mandate ends with this day.
    public var expiresOn: CalendarDate
    public var purpose: String

    public init(
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

public struct LegalContent: Hashable, Sendable {
    public var caseRef: String
    public var debtorName: String
    public var product: String
    public var balance: Money
    public var arrears: Money
    public var minimumBalance: Money
    public var dpd: Int
    public var businessDate: CalendarDate
    public var oldestUnpaidDueDate: CalendarDate?
    /// The last day of the limitation period; nil when it cannot be computed.
    public var limitationEndsOn: CalendarDate?
    public var requiredDocuments: [String]
    public var presentDocuments: [String]
    public var hasHardshipEvidence: Bool
    /// Who approved; nil: nobody.
    public var approvedBy: String?
    public var history: [CaseHistoryEntry]

    public init(
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
