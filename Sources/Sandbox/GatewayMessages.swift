// Owns: the gateway's JSON: messages, and their receipts.

struct GatewayMessage: Decodable {
    var to: String
    var text: String
    var sender: String
    var encoding: String
    var segments: Int

    func check() throws {
        try checkPhone(to, "to")
        guard !text.isEmpty else { throw Refusal.invalid("text: expected something, got nothing") }
        guard !sender.isEmpty else { throw Refusal.invalid("sender: expected something, got nothing") }
        guard ["gsm7", "ucs2"].contains(encoding) else {
            throw Refusal.invalid("encoding: expected gsm7 or ucs2, got something else")
        }
        guard segments >= 1 else { throw Refusal.invalid("segments: expected 1 or more, got \(segments)") }
    }
}

struct AcceptedMessage: Encodable {
    var messageID: String
    enum CodingKeys: String, CodingKey { case messageID = "message_id" }
}

struct Receipt: Encodable {
    var key: String
    var messageID: String
    var state: ReceiptState
    enum CodingKeys: String, CodingKey {
        case key, state
        case messageID = "message_id"
    }
}
