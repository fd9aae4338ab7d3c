// Owns: the canonical columns of the three files, what each holds and which are required. Knows no lender's names.

/// The files that a book may consist of.
package enum BookFile: String, Hashable, Sendable, Codable, CaseIterable {
    /// A row per account.
    case book
    /// A row per instalment.
    case schedule
    /// A row per payment.
    case payments

    package var fields: [CanonicalField] { CanonicalField.allCases.filter { $0.isIn(self) } }

    func field(named name: String) -> CanonicalField? { fields.first { $0.name == name } }
}

/// A column that Recoup knows. Its name is that of the column in a file without a map.
package enum CanonicalField: Int, Hashable, Sendable, CaseIterable {
    // book
    case id, customerID, portfolio, product
    // book, schedule, payments
    case currency
    // book
    case balance
    // book, schedule
    case principal
    // book
    case arrears, oldestUnpaidDueDate, dpd, cyclesPastDue, region, timeZone, phone, name, language, riskScore
    case firstTime, previousOutcomes, holds, documents, limitationRestart, finalDueDate, hardshipEvidence
    case legalApproval
    // schedule, payments
    case accountID
    // schedule
    case number, dueDate, fees, interest
    // payments
    case date, amount

    /// What a field's text is read as.
    enum Kind: Hashable, Sendable {
        case text, list, holds, amount, integer, date, flag, currency, phone, timeZone
    }

    package var name: String { Self.names[rawValue] }

    var kind: Kind {
        switch self {
        case .id, .customerID, .portfolio, .product, .region, .name, .language, .legalApproval, .accountID: .text
        case .previousOutcomes, .documents: .list
        case .holds: .holds
        case .balance, .principal, .arrears, .fees, .interest, .amount: .amount
        case .dpd, .cyclesPastDue, .riskScore, .number: .integer
        case .oldestUnpaidDueDate, .limitationRestart, .finalDueDate, .dueDate, .date: .date
        case .firstTime, .hardshipEvidence: .flag
        case .currency: .currency
        case .phone: .phone
        case .timeZone: .timeZone
        }
    }

    /// Never shown: not in a reject, not in an error.
    var isPersonal: Bool {
        switch self {
        case .phone, .name: true
        case .id, .customerID, .portfolio, .product, .currency, .balance, .principal, .arrears, .oldestUnpaidDueDate,
            .dpd,
            .cyclesPastDue, .region, .timeZone, .language, .riskScore, .firstTime, .previousOutcomes, .holds,
            .documents,
            .limitationRestart, .finalDueDate, .hardshipEvidence, .legalApproval, .accountID, .number, .dueDate, .fees,
            .interest, .date, .amount:
            false
        }
    }

    func isIn(_ file: BookFile) -> Bool {
        switch self {
        case .currency: true
        case .principal: file != .payments
        case .accountID: file != .book
        case .number, .dueDate, .fees, .interest: file == .schedule
        case .date, .amount: file == .payments
        default: file == .book
        }
    }

    func isRequired(in file: BookFile) -> Bool {
        switch self {
        case .principal: file == .schedule
        case .id, .product, .currency, .balance, .accountID, .number, .dueDate, .date, .amount: true
        default: false
        }
    }

    private static let names = allCases.map { field in
        switch field {
        case .customerID: "customer_id"
        case .oldestUnpaidDueDate: "oldest_unpaid_due_date"
        case .cyclesPastDue: "cycles_past_due"
        case .timeZone: "time_zone"
        case .riskScore: "risk_score"
        case .firstTime: "first_time"
        case .previousOutcomes: "previous_outcomes"
        case .limitationRestart: "limitation_restart"
        case .finalDueDate: "final_due_date"
        case .hardshipEvidence: "hardship_evidence"
        case .legalApproval: "legal_approval"
        case .accountID: "account_id"
        case .dueDate: "due_date"
        default: String(describing: field)
        }
    }
}

/// The forms in which a lender tells arrears.
package enum ArrearsForm: String, Hashable, Sendable, Codable, CaseIterable {
    case oldestUnpaidDueDate = "oldest_unpaid_due_date"
    case dpd
    case cyclesPastDue = "cycles_past_due"
    /// Computed from the instalments and payments of two more files.
    case schedule

    /// The book's column that tells it.
    var field: CanonicalField? {
        switch self {
        case .oldestUnpaidDueDate: .oldestUnpaidDueDate
        case .dpd: .dpd
        case .cyclesPastDue: .cyclesPastDue
        case .schedule: nil
        }
    }
}
