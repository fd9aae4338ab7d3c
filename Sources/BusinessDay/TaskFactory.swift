// Owns: how a due step becomes a task: its id, its contact window as moments, and only the fields that its stage needs.
import Arrears
import Crypto
import Foundation
import Wire

struct TaskFactory {
    let order: RunOrder

    func task(for step: DueStep, of overdue: OverdueCase, history: [CaseHistoryEntry]) throws(RunFault) -> StageTask {
        let account = overdue.account
        let identity = TaskIdentity(
            portfolio: account.portfolio, account: account.id,
            episode: overdue.episode?.start ?? episodeStart(overdue.delinquency, asOf: order.asOf), step: step.step,
            occurrence: step.occurrence)
        guard
            let from = Zones.moment(order.contactDate, minute: step.window.fromMinute, zone: step.timeZone),
            let to = Zones.moment(order.contactDate, minute: step.window.toMinute, zone: step.timeZone)
        else { throw .unknownZone(step.timeZone) }
        return StageTask(
            id: TaskFactory.id(of: identity), run: order.run, caseID: overdue.id, customer: account.customer,
            portfolio: account.portfolio, stage: step.stage, step: step.step, priority: step.priority,
            notBefore: from, notAfter: to, endpoint: step.endpoint,
            content: content(of: step, overdue, history).encoded())
    }

    /// The first 32 hexadecimal digits of the identity's SHA-256: nothing of the account can be read from it.
    static func id(of identity: TaskIdentity) -> TaskID {
        TaskID(String(hexadecimal(SHA256.hash(data: Data(identity.canonical.utf8))).prefix(32)))
    }

    private func content(of step: DueStep, _ overdue: OverdueCase, _ history: [CaseHistoryEntry]) -> StageContent {
        let account = overdue.account
        let delinquency = overdue.delinquency
        switch step.action {
        case .sms(let template):
            return .sms(
                SMSContent(
                    to: step.endpoint ?? "", templateID: template, fields: messageFields(overdue),
                    language: account.language ?? "zh-Hans"))
        case .call(let script, let queue, let offerPlan):
            return .call(
                CallContent(
                    phone: step.endpoint ?? "", scriptID: script, priority: step.priority, queue: queue,
                    displayName: masked(name: account.name), localHoursFrom: LocalWindow.clock(step.window.fromMinute),
                    localHoursTo: LocalWindow.clock(step.window.toMinute), timeZone: step.timeZone,
                    offerPlan: offerPlan, arrears: delinquency.arrears, dpd: delinquency.dpd,
                    businessDate: order.contactDate))
        case .placement(let agency, let placement, let days, let purpose):
            return .placement(
                PlacementContent(
                    agencyID: agency, placement: placement, caseRef: account.id.text, debtorName: account.name ?? "",
                    phone: step.endpoint ?? "", arrears: delinquency.arrears, balance: account.balance,
                    dpd: delinquency.dpd, product: account.product, region: account.region ?? "",
                    businessDate: order.contactDate, expiresOn: mandateLastDay(placedOn: order.contactDate, days: days),
                    purpose: purpose))
        case .legal(let minimumBalance, let requiredDocuments, _):
            return .legal(
                LegalContent(
                    caseRef: account.id.text, debtorName: account.name ?? "", product: account.product,
                    balance: account.balance, arrears: delinquency.arrears,
                    minimumBalance: minimumBalance.limit(in: account.balance.currency),
                    dpd: delinquency.dpd, businessDate: order.contactDate,
                    oldestUnpaidDueDate: delinquency.oldestUnpaidDueDate, limitationEndsOn: step.limitationEndsOn,
                    requiredDocuments: requiredDocuments, presentDocuments: account.documents,
                    hasHardshipEvidence: account.hasHardshipEvidence, approvedBy: account.legalApproval,
                    history: history))
        }
    }

    private func messageFields(_ overdue: OverdueCase) -> [String: String] {
        let delinquency = overdue.delinquency
        let due = delinquency.oldestUnpaidDueDate ?? order.asOf.adding(days: -delinquency.dpd)
        return [
            "name_masked": masked(name: overdue.account.name),
            "amount": delinquency.arrears.decimal,
            "currency": delinquency.arrears.currency.code,
            "dpd": String(delinquency.dpd),
            "due_date": due.iso,
            "product": overdue.account.product,
            "institution": order.institution.name,
            "contact": order.institution.contact,
        ]
    }
}
