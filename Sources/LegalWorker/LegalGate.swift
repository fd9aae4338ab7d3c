// Owns: whether a case may be prepared for court. Knows no file.
import Arrears

/// The gates, in the order in which they are asked. The first that refuses is told.
enum LegalGate: String, CaseIterable {
    case approval, limitation, minimumBalance, documents, hardship

    /// The first gate that refuses, and why, without personal data; nil: the way is free.
    static func refusal(of content: LegalContent) -> (gate: LegalGate, why: String)? {
        for gate in allCases {
            if let why = gate.refusal(of: content) { return (gate, why) }
        }
        return nil
    }

    private func refusal(of content: LegalContent) -> String? {
        switch self {
        case .approval:
            let approver = content.approvedBy?.filter { !$0.isWhitespace } ?? ""
            return approver.isEmpty ? "expected an approval by a named person, got none" : nil
        case .limitation:
            guard let end = content.limitationEndsOn else {
                return "expected a limitation period that can be computed, got no date that starts it"
            }
            // A claim can still be brought on the period's last day.
            return content.businessDate > end
                ? "expected a limitation period that ends on \(content.businessDate) or later, got \(end)" : nil
        case .minimumBalance:
            guard content.balance.currency == content.minimumBalance.currency else {
                return "expected a balance in \(content.minimumBalance.currency), got \(content.balance.currency)"
            }
            return content.balance.minorUnits < content.minimumBalance.minorUnits
                ? "expected a balance of \(content.minimumBalance) or more, got \(content.balance)" : nil
        case .documents:
            let missing = Set(content.requiredDocuments).subtracting(content.presentDocuments).sorted()
            return missing.isEmpty
                ? nil : "expected all required documents, missing: \(missing.joined(separator: ", "))"
        case .hardship:
            return content.hasHardshipEvidence
                ? "expected nobody who cannot pay, got evidence of hardship on file" : nil
        }
    }
}
