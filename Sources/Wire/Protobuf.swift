// Owns: generated messages ↔ bytes, the only place that calls the protobuf library. Apart from the others because its
// `Message` is not ours.
import SwiftProtobuf

extension SwiftProtobuf.Message {
    /// Maps in order of key, so that the same value has the same bytes.
    func bytes() -> [UInt8] {
        var options = BinaryEncodingOptions()
        options.useDeterministicOrdering = true
        do {
            return try serializedBytes(options: options)
        } catch {
            // proto3 has no required fields, and no message of ours comes near two gigabytes.
            preconditionFailure("\(Self.protoMessageName) cannot be serialised: \(error)")
        }
    }

    /// - Parameter what: what the bytes are, for the error.
    init(checked bytes: [UInt8], _ what: String) throws(WireError) {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        do {
            try self.init(serializedBytes: bytes, options: options)
        } catch {
            throw WireError(.undecodable, "\(what): expected a \(Self.protoMessageName), got other bytes")
        }
    }
}
