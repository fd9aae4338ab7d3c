import Testing

@testable import Arrears

@Suite("A name")
struct IdentifierTests {
    /// The same text to Swift, other bytes: é as one character, and as e with an accent.
    private let composed = AccountID("caf\u{E9}")
    private let decomposed = AccountID("cafe\u{301}")

    @Test func `is compared by its bytes, as the ledger compares it`() {
        #expect(composed.text == decomposed.text)
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed, AccountID("caf\u{E9}")]).count == 2)
        #expect([decomposed, composed].sorted() == [decomposed, composed])
        #expect([composed, decomposed].sorted() == [decomposed, composed])
    }

    @Test func `of an account in the standard portfolio is its number`() {
        #expect(CaseID("1001", in: .standard) == "1001")
        #expect(CaseID("1001", in: "cards") == "cards/1001")
    }

    @Test func `is no other account's, whatever is in it`() {
        let accounts: [(AccountID, PortfolioID)] = [
            ("1001", .standard), ("1001", "cards"), ("cards/1001", .standard), ("1001", "default/cards"),
            ("b/c", "a"), ("c", "a/b"), ("c", "a%2Fb"), ("c", "a%252Fb"), ("", "a"), ("a/", .standard),
        ]
        #expect(Set(accounts.map { CaseID($0.0, in: $0.1) }).count == accounts.count)
        for (number, portfolio) in accounts { #expect(CaseID(number, in: portfolio).portfolio == portfolio) }
    }
}
