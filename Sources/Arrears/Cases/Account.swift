// Owns: what one row of a lender's book says. Knows nothing of the file that it came from.

/// One loan as of the book's business date.
package struct LoanAccount: Hashable, Sendable, Codable {
    package var id: AccountID
    package var customer: CustomerID
    package var portfolio: PortfolioID
    /// The lender's word for the product: `card`, `cash`, `instalment`, …
    package var product: String
    /// What is still owed of the loan itself; never negative.
    package var principal: Money?
    /// All that is owed today; negative is the customer's credit.
    package var balance: Money
    /// What is overdue, where the lender's file says so; a schedule computes it instead.
    package var statedArrears: Money?
    /// How the file tells that the account is late.
    package var basis: ArrearsBasis
    /// Upper-case region code of the lender's choice, such as `CN-SH`.
    package var region: String?
    /// IANA zone where the person is, such as `Asia/Shanghai`; nil: the book's default.
    package var timeZone: String?
    /// E.164, such as `+8613800000000`; nil: none is known.
    package var phone: String?
    /// The person's name; personal data, masked wherever it is shown.
    package var name: String?
    /// BCP 47, such as `zh-Hans`.
    package var language: String?
    /// The lender's risk score; higher is riskier, 0 to 1,000.
    package var riskScore: Int?
    /// The first time that this customer is overdue.
    package var isFirstTime: Bool?
    /// Result codes of the lender's earlier contacts, the latest last.
    package var previousOutcomes: [String]
    /// Reasons not to act that the file itself states.
    package var holds: [Hold]
    /// Documents on file, by the lender's names: `contract`, `statement`, `identity`, …
    package var documents: [String]
    /// Last payment, acknowledgement of the debt or formal demand: restarts the limitation period.
    package var limitationRestart: CalendarDate?
    /// Due date of the last instalment, where it is known: the limitation period of instalments starts there.
    package var finalDueDate: CalendarDate?
    /// Evidence of hardship is on file.
    package var hasHardshipEvidence: Bool
    /// Who approved a legal step; nil: nobody.
    package var legalApproval: String?

    package init(
        id: AccountID, customer: CustomerID, portfolio: PortfolioID = .standard, product: String,
        principal: Money? = nil, balance: Money, statedArrears: Money? = nil, basis: ArrearsBasis,
        region: String? = nil, timeZone: String? = nil, phone: String? = nil, name: String? = nil,
        language: String? = nil, riskScore: Int? = nil, isFirstTime: Bool? = nil,
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

    /// What the account and its case are called, in every book.
    package var caseID: CaseID { CaseID(id, in: portfolio) }
}

/// The four forms in which a lender may state arrears.
package enum ArrearsBasis: Hashable, Sendable, Codable {
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
package struct RepaymentSchedule: Hashable, Sendable, Codable {
    /// In order of due date, then of number.
    package var instalments: [Instalment]
    /// In order of date, then of the file's lines.
    package var payments: [Payment]

    package init(instalments: [Instalment], payments: [Payment]) {
        self.instalments = instalments
        self.payments = payments
    }
}

/// One instalment; its parts are what the allocation order pays off one after the other.
package struct Instalment: Hashable, Sendable, Codable {
    package var number: Int
    package var dueDate: CalendarDate
    package var fees: Money
    package var interest: Money
    package var principal: Money

    package init(number: Int, dueDate: CalendarDate, fees: Money, interest: Money, principal: Money) {
        self.number = number
        self.dueDate = dueDate
        self.fees = fees
        self.interest = interest
        self.principal = principal
    }
}

/// One payment that arrived.
package struct Payment: Hashable, Sendable, Codable {
    package var date: CalendarDate
    package var amount: Money

    package init(date: CalendarDate, amount: Money) {
        self.date = date
        self.amount = amount
    }
}

/// A reason not to act, and until when.
package struct Hold: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case dispute, hardship, plan, bereavement, legalStay, optOut, other
    }

    package var kind: Kind
    /// The last day of the hold; nil: until it is lifted.
    package var until: CalendarDate?

    package init(kind: Kind, until: CalendarDate? = nil) {
        self.kind = kind
        self.until = until
    }

    package func isInForce(on date: CalendarDate) -> Bool {
        guard let until else { return true }
        return date <= until
    }
}
