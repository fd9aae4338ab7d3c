// Owns: the dialer's JSON: call items, their states, and what the record must keep of an item.
import Arrears
import Foundation

struct CallItem: Decodable {
    struct Hours: Decodable {
        var from: String
        var to: String
        var timeZone: String
        enum CodingKeys: String, CodingKey {
            case from, to
            case timeZone = "time_zone"
        }
    }

    var phone: String
    var scriptID: String
    var priority: Int
    var displayName: String
    var hours: Hours
    var offerPlan: Bool
    var arrears: MoneyBody
    var dpd: Int
    var businessDate: CalendarDate

    enum CodingKeys: String, CodingKey {
        case phone, priority, hours, arrears, dpd
        case scriptID = "script_id"
        case displayName = "display_name"
        case offerPlan = "offer_plan"
        case businessDate = "business_date"
    }

    func check() throws {
        try checkPhone(phone, "phone")
        guard priority >= 0 else { throw Refusal.invalid("priority: expected 0 or more, got \(priority)") }
        guard Currency(arrears.currency) != nil else {
            throw Refusal.invalid("arrears.currency: expected an ISO 4217 code, got something else")
        }
        guard TimeZone(identifier: hours.timeZone) != nil else {
            throw Refusal.invalid("hours.time_zone: expected an IANA name, got something else")
        }
    }

    /// What the disposition will depend on; nothing about the person.
    var facts: [String: String] {
        [
            "arrears": String(arrears.minorUnits), "currency": arrears.currency, "business_date": businessDate.iso,
            "time_zone": hours.timeZone,
        ]
    }
}

/// `CallItem.facts`, read back.
struct CallFacts {
    var arrears: Money
    var day: CalendarDate
    var timeZone: TimeZone

    init?(_ facts: [String: String]) {
        guard let units = facts["arrears"].flatMap({ Int64($0) }),
            let currency = facts["currency"].flatMap(Currency.init),
            let day = facts["business_date"].flatMap({ CalendarDate(iso: $0) }),
            let timeZone = facts["time_zone"].flatMap(TimeZone.init(identifier:))
        else { return nil }
        self.arrears = Money(minorUnits: units, currency: currency)
        self.day = day
        self.timeZone = timeZone
    }
}

struct CallState: Encodable {
    struct Promise: Encodable {
        var amount: MoneyBody
        var date: CalendarDate
    }

    var taskID: String
    var state: String
    var callID: String?
    var disposition: String?
    var promise: Promise?
    var callBackAt: String?

    enum CodingKeys: String, CodingKey {
        case state, disposition, promise
        case taskID = "task_id"
        case callID = "call_id"
        case callBackAt = "call_back_at"
    }
}

extension CallState {
    /// An item that was answered.
    init(_ task: TaskID, callID: String, _ result: CallResult, timeZone: TimeZone) {
        self.init(taskID: task.text, state: "answered", callID: callID)
        switch result {
        case .noAnswer: disposition = "no_answer"
        case .busy: disposition = "busy"
        case .wrongNumber: disposition = "wrong_number"
        case .rightParty: disposition = "right_party"
        case .refusesToPay: disposition = "refuses_to_pay"
        case .disputes: disposition = "disputes"
        case .promiseToPay(let amount, let date):
            disposition = "promise_to_pay"
            promise = Promise(
                amount: MoneyBody(minorUnits: amount.minorUnits, currency: amount.currency.code), date: date)
        case .callBack(let date, let minute):
            disposition = "call_back"
            callBackAt = Self.moment(date, minute, timeZone)
        }
    }

    /// RFC 3339 with the offset that the zone has at that local time.
    private static func moment(_ date: CalendarDate, _ minute: Int, _ zone: TimeZone) -> String {
        let local = Double(date.dayNumber) * 86_400 + Double(minute) * 60
        // The offset in force around then; a change of clocks falls into the night, call-backs do not.
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: local - Double(zone.secondsFromGMT()))) / 60
        let sign = offset < 0 ? "-" : "+"
        return "\(date.iso)T\(LocalWindow.clock(minute)):00\(sign)\(LocalWindow.clock(abs(offset)))"
    }
}
