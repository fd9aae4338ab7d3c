// Owns: what the sandbox's debtors, handsets and phone lines do, as a pure function of one seed and the task id. Knows
// no clock, no order and no server.
import Arrears

/// The people at the other end. The same seed and task id always come to the same, so that two runs can be compared.
/// The shares are those that lenders report of early-stage consumer arrears, rounded.
package struct DebtorBehaviour: Hashable, Sendable {
    package var seed: UInt64

    /// An even draw from `0..<below` for this task and purpose.
    package func draw(_ purpose: String, _ task: TaskID, below: Int) -> Int {
        precondition(below > 0, "draw \(purpose): expected a bound over 0, got \(below)")
        // FNV-1a over seed, purpose and task, then splitmix64's finaliser to spread the bits.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ byte: UInt8) {
            hash ^= UInt64(byte)
            hash &*= 0x0000_0100_0000_01B3
        }
        for shift in stride(from: 0, to: 64, by: 8) { mix(UInt8(truncatingIfNeeded: seed >> UInt64(shift))) }
        for byte in purpose.utf8 { mix(byte) }
        mix(0)
        for byte in task.text.utf8 { mix(byte) }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        hash ^= hash >> 31
        return Int(hash % UInt64(below))
    }

    /// One of these, with these shares of a thousand; the last takes what is left.
    func choose<Choice>(_ purpose: String, _ task: TaskID, _ shares: [(permille: Int, choice: Choice)]) -> Choice {
        var left = draw(purpose, task, below: 1000)
        for share in shares.dropLast() {
            if left < share.permille { return share.choice }
            left -= share.permille
        }
        return shares[shares.count - 1].choice
    }
}

// MARK: - Text messages

enum MessageRefusal: String, Hashable, Sendable {
    case notInService = "not_in_service"
    case blocked
    case optedOut = "opted_out"
}

enum ReceiptState: String, Hashable, Sendable, Codable {
    case accepted, delivered, undelivered, expired
}

extension DebtorBehaviour {
    /// Why the gateway refuses a message for good; nil: it takes it.
    func refusal(ofMessage task: TaskID) -> MessageRefusal? {
        choose("message", task, [(6, .notInService), (2, .blocked), (4, .optedOut), (988, nil)])
    }

    /// What finally becomes of a message that was taken.
    func receipt(of task: TaskID) -> ReceiptState {
        choose("receipt", task, [(945, .delivered), (40, .undelivered), (15, .expired)])
    }

    func messageID(of task: TaskID) -> String { "m-\(hexadecimal("message-id", task))" }

    /// Sixteen hexadecimal digits.
    private func hexadecimal(_ purpose: String, _ task: TaskID) -> String {
        (0..<4).map { part in
            let digits = String(draw("\(purpose)-\(part)", task, below: 1 << 16), radix: 16)
            return String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }
}

// MARK: - Calls

/// What came of a call.
enum CallResult: Hashable, Sendable {
    case noAnswer, busy, wrongNumber, rightParty, refusesToPay, disputes
    case promiseToPay(Money, CalendarDate)
    /// Local time in minutes since midnight.
    case callBack(CalendarDate, minute: Int)
}

extension DebtorBehaviour {
    private enum Mood { case noAnswer, busy, wrongNumber, rightParty, promises, refuses, disputes, callsBack }

    /// The dialer refuses the number for good.
    func refusesCall(to task: TaskID) -> Bool { draw("call-number", task, below: 1000) < 8 }

    func result(ofCall task: TaskID, arrears: Money, on day: CalendarDate) -> CallResult {
        let mood: Mood = choose(
            "call", task,
            [
                (450, .noAnswer), (80, .busy), (50, .wrongNumber), (120, .rightParty), (120, .promises),
                (60, .refuses), (30, .disputes), (90, .callsBack),
            ])
        switch mood {
        case .noAnswer: return .noAnswer
        case .busy: return .busy
        case .wrongNumber: return .wrongNumber
        case .rightParty: return .rightParty
        case .refuses: return .refusesToPay
        case .disputes: return .disputes
        case .callsBack:
            let minute = 10 * 60 + 30 * draw("call-back-minute", task, below: 16)
            return .callBack(day.adding(days: 1 + draw("call-back-day", task, below: 2)), minute: minute)
        case .promises:
            let percent: Int64 = choose("promise-share", task, [(550, 100), (300, 50), (150, 30)])
            // Divided before it is multiplied, so that no amount is too large; a promise is of something.
            let part = arrears.minorUnits / 100 * percent + arrears.minorUnits % 100 * percent / 100
            let amount = Money(minorUnits: max(part, min(arrears.minorUnits, 1)), currency: arrears.currency)
            return .promiseToPay(amount, day.adding(days: 1 + draw("promise-day", task, below: 14)))
        }
    }

    func callID(of task: TaskID) -> String { "c-\(hexadecimal("call-id", task))" }
}
