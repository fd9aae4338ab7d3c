// Owns: what the sandbox's services share: the token check, JSON answers, refusals, and faults on purpose.
import Arrears
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization

typealias SandboxRouter = Router<BasicRequestContext>

/// An answer that is not what was asked for, with a code of the API's closed list.
struct Refusal: HTTPResponseError {
    var status: HTTPResponse.Status
    var code: String
    var message: String
    var retryAfterSeconds: Int?

    static func invalid(_ message: String) -> Refusal {
        Refusal(status: .badRequest, code: "invalid_request", message: message)
    }

    static func neverSeen(_ what: String) -> Refusal {
        Refusal(
            status: .notFound, code: "never_seen", message: "\(what): expected a key that was accepted, got another")
    }

    func response(from request: Request, context: some RequestContext) throws -> Response {
        var response = try jsonResponse(status, ["code": code, "message": message])
        if let retryAfterSeconds { response.headers[.retryAfter] = String(retryAfterSeconds) }
        return response
    }
}

func jsonResponse(_ status: HTTPResponse.Status, _ value: some Encodable) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Response(
        status: status, headers: [.contentType: "application/json"],
        body: .init(byteBuffer: ByteBuffer(bytes: try encoder.encode(value))))
}

/// A request's body: its bytes' digest and what they say.
func jsonBody<Body: Decodable>(_ type: Body.Type, of request: Request) async throws -> (body: Body, digest: String) {
    let buffer = try await request.body.collect(upTo: 1 << 20)
    let data = Data(buffer.readableBytesView)
    do {
        let digest = SHA256.hash(data: data).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }
        return (try JSONDecoder().decode(type, from: data), digest.joined())
    } catch {
        throw Refusal.invalid("body: expected JSON as the API describes it, got what does not decode")
    }
}

/// A key of the API: a task id.
func taskKey(_ text: String?) throws -> TaskID {
    guard let text, (1...128).contains(text.utf8.count),
        text.utf8.allSatisfy({ byte in
            let character = Character(UnicodeScalar(byte))
            return character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
        })
    else { throw Refusal.invalid("key: expected 1 to 128 of A-Z a-z 0-9 . _ -, got something else") }
    return TaskID(text)
}

/// The body of the two batch questions.
struct KeyQuery: Decodable {
    var keys: [String]

    func tasks() throws -> [TaskID] {
        guard (1...1000).contains(keys.count) else {
            throw Refusal.invalid("keys: expected 1 to 1000, got \(keys.count)")
        }
        return try keys.map { try taskKey($0) }
    }
}

struct MoneyBody: Codable {
    var minorUnits: Int64
    var currency: String

    enum CodingKeys: String, CodingKey {
        case currency
        case minorUnits = "minor_units"
    }
}

/// E.164.
func checkPhone(_ text: String, _ field: String) throws {
    let digits = text.dropFirst().utf8
    guard text.first == "+", (5...15).contains(digits.count), digits.first != UInt8(ascii: "0"),
        digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { throw Refusal.invalid("\(field): expected an E.164 number, got something else") }
}

struct BearerCheck: RouterMiddleware {
    typealias Context = BasicRequestContext
    let token: String

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard request.headers[.authorization] == "Bearer \(token)" else {
            throw Refusal(
                status: .unauthorized, code: "unauthorised",
                message: "Authorization: expected the bearer token, got another or none")
        }
        return try await next(request, context)
    }
}

/// Faults on purpose: a function of seed, key and the number of times that the key has come since the start.
final class FaultInjector: Sendable {
    private let faults: SandboxFaults
    private let debtors: DebtorBehaviour
    private let attempts = Mutex<[TaskID: Int]>([:])

    init(_ faults: SandboxFaults, debtors: DebtorBehaviour) {
        self.faults = faults
        self.debtors = debtors
    }

    /// Throws 503 for those whose turn it is, before anything was looked at.
    /// - Returns: whether the answer is to be lost.
    func strike(_ task: TaskID) throws -> Bool {
        guard faults.unavailablePermille > 0 || faults.lostReplyPermille > 0 else { return false }
        let attempt = attempts.withLock { counts in
            counts[task, default: 0] += 1
            return counts[task] ?? 1
        }
        if debtors.draw("unavailable-\(attempt)", task, below: 1000) < faults.unavailablePermille {
            throw Refusal(
                status: .serviceUnavailable, code: "unavailable", message: "expected a free line, got none",
                retryAfterSeconds: faults.retryAfterSeconds)
        }
        return debtors.draw("lost-\(attempt)", task, below: 1000) < faults.lostReplyPermille
    }

    /// Holds an answer back: for a moment, or until the asker gives up or the sandbox ends.
    func delay(isLost: Bool) async throws {
        if isLost {
            try await gracefulShutdown()
            throw CancellationError()
        } else if faults.replyDelayMilliseconds > 0 {
            try await Task.sleep(for: .milliseconds(faults.replyDelayMilliseconds))
        }
    }
}
