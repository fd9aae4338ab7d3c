// Owns: what the cases of a batch have in common, how the batch is called for it, and that nothing else can be a path.
// Knows no file.
import Arrears
import Crypto

/// What all cases of a batch have in common: whom they go to, since when, until when and what for.
struct PlacementTerms: Hashable, Sendable {
    var agency: String
    var businessDate: CalendarDate
    var expiresOn: CalendarDate
    var purpose: String

    init(_ content: PlacementContent) {
        agency = content.agencyID
        businessDate = content.businessDate
        expiresOn = content.expiresOn
        purpose = content.purpose
    }
}

/// `<agency>.<business date>.<digest>`: derived from what the batch holds, so that the same cases make the same batch.
package struct BatchName: Hashable, Comparable, Sendable, CustomStringConvertible {
    let agency: String
    let businessDate: CalendarDate
    /// 24 hex digits of the SHA-256 of the batch's terms and task ids.
    let digest: String

    init(_ terms: PlacementTerms, tasks: some Sequence<TaskID>) {
        agency = terms.agency
        businessDate = terms.businessDate
        let parts =
            [terms.agency, terms.businessDate.iso, terms.expiresOn.iso, terms.purpose] + tasks.sorted().map(\.text)
        let canonical = parts.map { "\($0.utf8.count):\($0)" }.joined()
        digest = String(hex(SHA256.hash(data: Array(canonical.utf8))).prefix(24))
    }

    /// Reads a name; nil when it is none.
    package init?(_ text: some StringProtocol) {
        let parts = String(text).split(separator: "." as Character, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, BatchName.isAgency(parts[0]), let date = CalendarDate(iso: parts[1]),
            parts[2].utf8.count == 24, parts[2].utf8.allSatisfy(BatchName.isHexDigit)
        else { return nil }
        agency = parts[0]
        businessDate = date
        digest = parts[2]
    }

    package var description: String { "\(agency).\(businessDate.iso).\(digest)" }

    package static func < (left: BatchName, right: BatchName) -> Bool { left.description < right.description }

    /// An agency's id names a folder: 1 to 64 of letters, digits, `-` and `_`.
    static func isAgency(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}

/// Lower-case hex digits.
func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}
