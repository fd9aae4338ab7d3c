// Owns: the dialer's JSON, to and from domain values. The names are those of proto/gateway/openapi.yaml, in snake_case
// there.
import Arrears
import HTTP2Client
import WorkerKit

struct DialerMoney: Codable, Sendable {
    var minorUnits: Int64
    var currency: String

    init(_ money: Money) {
        minorUnits = money.minorUnits
        currency = money.currency.code
    }

    /// nil: no amount that somebody could pay.
    var money: Money? {
        guard minorUnits > 0, minorUnits <= Money.largestMinorUnits else { return nil }
        return Currency(currency).map { Money(minorUnits: minorUnits, currency: $0) }
    }
}

/// What a collector sees of a case: the number, how to speak, and how much is late.
struct CallItem: Encodable, Sendable {
    struct Hours: Encodable, Sendable {
        var from: String
        var to: String
        var timeZone: String
    }

    var phone: String
    var scriptId: String
    var priority: Int
    var displayName: String
    var hours: Hours
    var offerPlan: Bool
    var arrears: DialerMoney
    var dpd: Int
    var businessDate: CalendarDate

    init(_ content: CallContent) {
        phone = content.phone
        scriptId = content.scriptID
        priority = content.priority
        displayName = content.displayName
        hours = Hours(from: content.localHoursFrom, to: content.localHoursTo, timeZone: content.timeZone)
        offerPlan = content.offerPlan
        arrears = DialerMoney(content.arrears)
        dpd = content.dpd
        businessDate = content.businessDate
    }
}

/// One call item and where it goes.
struct CallOrder: Sendable {
    var path: String
    var item: CallItem
}

struct CallState: Decodable {
    struct Promise: Decodable {
        var amount: DialerMoney
        var date: CalendarDate
    }

    var taskId: String
    var state: String
    var callId: String?
    var disposition: String?
    var promise: ReadRecord<Promise>?
    var callBackAt: ReadRecord<String>?

    /// What it means. A disposition that is incomplete or of no known name is a contact whose result is not known.
    var answer: OutsideAnswer {
        guard state == "answered" else { return .underWay(evidence: "call item \(taskId)") }
        var outcome = Outcome(
            task: TaskID(taskId), attempt: .made, code: .madeResultUnknown, evidence: "call \(callId ?? taskId)")
        switch disposition {
        case "no_answer": outcome.code = .noAnswer
        case "busy": outcome.code = .busy
        case "wrong_number": outcome.code = .wrongNumber
        case "right_party": outcome.code = .rightParty
        case "refuses_to_pay": outcome.code = .refusesToPay
        case "disputes": outcome.code = .disputes
        case "promise_to_pay":
            if let promise = promise?.value, let amount = promise.amount.money {
                outcome.code = .promiseToPay
                outcome.amount = amount
                outcome.date = promise.date
            }
        case "call_back":
            if let callBackAt = callBackAt?.value {
                outcome.code = .callBack
                outcome.callBackAt = callBackAt
            }
        default: break
        }
        return .settled(outcome)
    }
}
