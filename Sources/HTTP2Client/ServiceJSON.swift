// Owns: how a service's JSON is written and read: names in snake_case, on the wire only.
import Foundation

/// One record of a list, read for itself: one that cannot be read says nothing of the others.
package struct ReadRecord<Value: Decodable & Sendable>: Decodable, Sendable {
    /// nil: it cannot be read.
    package let value: Value?
    package init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}

/// JSON bodies of a service. A property `messageId` is `message_id` on the wire.
package enum ServiceJSON {
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// nil: the body does not say that.
    package static func decode<Value: Decodable>(_ type: Value.Type, of response: HTTP2Response) -> Value? {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        // Foundation's decoder ends the process when a body's last byte opens one level more than the 512 that it reads:
        // it looks for that byte's line behind the end. So the last byte is a line feed, which JSON allows.
        return try? decoder.decode(type, from: Data(response.body + [0x0A]))
    }

    /// The code of a refusal, `{"code": …, "message": …}`; `status_N` where there is none that can be read. Only the
    /// code is kept: it is of a closed list, while a message may hold anything.
    package static func refusalCode(of response: HTTP2Response) -> String {
        struct Refusal: Decodable { var code: String }
        let letters = Set("abcdefghijklmnopqrstuvwxyz0123456789_")
        guard let code = decode(Refusal.self, of: response)?.code, (1...40).contains(code.count),
            code.allSatisfy(letters.contains)
        else { return "status_\(response.status)" }
        return code
    }
}
