// Owns: what one row of a lender's book says. Knows nothing of the file that it came from.

/// One loan as of the book's business date.
public struct LoanAccount: Hashable, Sendable, Codable {
    public var id: AccountID
    public var customer: CustomerID
    public var portfolio: PortfolioID
    /// The lender's word for the product: `card`, `cash`, `instalment`, …
    public var product: String
    /// What is still owed of the loan itself; never negative.
    public var principal: Money?
    /// All that is owed today; negative is the customer's credit.
    public var balance: Money
    /// What is overdue, where the lender's file says so; a schedule computes it instead.
    public var statedArrears: Money?
    /// How the file tells that the account is late.
    public var basis: ArrearsBasis
    /// Upper-case region code of the lender's choice, such as `CN-SH`.
    public var region: String?
    /// IANA zone where the person is, such as `Asia/Shanghai`; nil: the book's default.
    public var timeZone: String?
    /// E.164, such as `+8613800000000`; nil: none is known.
    public var phone: String?
    /// The person's name; personal data, masked wherever it is shown.
    public var name: String?
    /// BCP 47, such as `zh-Hans`.
    public var language: String?
    /// The lender's risk score; higher is riskier, 0 to 1,000.
    public var riskScore: Int?
    /// The first time that this customer is overdue.
    public var isFirstTime: Bool
    /// Result codes of the lender's earlier contacts, the latest last.
    public var previousOutcomes: [String]
    /// Reasons not to act that the file itself states.
    public var holds: [Hold]
    /// Documents on file, by the lender's names: `contract`, `statement`, `identity`, …
    public var documents: [String]
    /// Last payment, acknowledgement of the debt or formal demand: restarts the limitation period.
    public var limitationRestart: CalendarDate?
    /// Due date of the last instalment, where it is known: the limitation period of instalments starts there.
    public var finalDueDate: CalendarDate?
    /// Evidence of hardship is on file.
    public var hasHardshipEvidence: Bool
    /// Who approved a legal step; nil: nobody.
    public var legalApproval: String?

    public init(
        id: AccountID, customer: CustomerID, portfolio: PortfolioID = .standard, product: String,
        principal: Money? = nil, balance: Money, statedArrears: Money? = nil, basis: ArrearsBasis,
        region: String? = nil, timeZone: String? = nil, phone: String? = nil, name: String? = nil,
        language: String? = nil, riskScore: Int? = nil, isFirstTime: Bool = false,
        previousOutcomes: [String] = [], holds: [Hold] = [], documents: [String] = [],
        limitationRestart: CalendarDate? = nil, finalDueDate: CalendarDate? = nil,
        hasHardshipEvidence: Bool = false, legalApproval: String? = nil
    ) {
        self.id = id
        self.customer = customer
        self.portfolio = portfolio
        self.product = product
        self.principal = principal
        self.balance = balance
        self.statedArrears = statedArrears
        self.basis = basis
        self.region = region
        self.timeZone = timeZone
        self.phone = phone
        self.name = name
        self.language = language
        self.riskScore = riskScore
        self.isFirstTime = isFirstTime
        self.previousOutcomes = previousOutcomes
        self.holds = holds
        self.documents = documents
        self.limitationRestart = limitationRestart
        self.finalDueDate = finalDueDate
        self.hasHardshipEvidence = hasHardshipEvidence
        self.legalApproval = legalApproval
    }
}

/// The four forms in which a lender may state arrears.
public enum ArrearsBasis: Hashable, Sendable, Codable {
    /// The oldest due date with something unpaid; nil: nothing is unpaid.
    case oldestUnpaidDueDate(CalendarDate?)
    /// Days past due; 0 or less is current.
    case dpd(Int)
    /// Whole billing cycles past due (cards); 0 or less is current.
    case cyclesPastDue(Int)
    /// Instalments due and payments made, from which arrears are computed.
    case schedule(RepaymentSchedule)
}

/// What was to be paid when, and what was paid when.
public struct RepaymentSchedule: Hashable, Sendable, Codable {
    /// In order of due date, then of number.
    public var instalments: [Instalment]
    /// In order of date, then of the file's lines.
    public var payments: [Payment]

    public init(instalments: [Instalment], payments: [Payment]) {
        self.instalments = instalments
        self.payments = payments
    }
}

/// One instalment; its parts are what the allocation order pays off one after the other.
public struct Instalment: Hashable, Sendable, Codable {
    public var number: Int
    public var dueDate: CalendarDate
    public var fees: Money
    public var interest: Money
    public var principal: Money

    public init(number: Int, dueDate: CalendarDate, fees: Money, interest: Money, principal: Money) {
        self.number = number
        self.dueDate = dueDate
        self.fees = fees
        self.interest = interest
        self.principal = principal
    }
}

/// One payment that arrived.
public struct Payment: Hashable, Sendable, Codable {
    public var date: CalendarDate
    public var amount: Money

    public init(date: CalendarDate, amount: Money) {
        self.date = date
        self.amount = amount
    }
}

/// A reason not to act, and until when.
public struct Hold: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case dispute, hardship, plan, bereavement, legalStay, optOut, other
    }

    public var kind: Kind
    /// The last day of the hold; nil: until it is lifted.
    public var until: CalendarDate?

    public init(kind: Kind, until: CalendarDate? = nil) {
        self.kind = kind
        self.until = until
    }

    public func isInForce(on date: CalendarDate) -> Bool {
        guard let until else { return true }
        return date <= until
    }
}
