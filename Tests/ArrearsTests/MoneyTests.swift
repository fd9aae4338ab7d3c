// Owns: money read and shown exactly.
@testable import Arrears
import Testing

@Suite struct MoneyTests {
    @Test(
        arguments: [
            ("1234.50", "CNY", 123_450), ("-0.07", "CNY", -7), ("0", "CNY", 0), ("-0", "CNY", 0), (".5", "CNY", 50),
            ("+12", "CNY", 1200), ("007", "CNY", 700), ("3913.000", "TWD", 391_300), ("500", "JPY", 500),
            ("500.0", "JPY", 500), ("1.234", "KWD", 1234), ("10000000000000", "CNY", 1_000_000_000_000_000),
            ("-10000000000000.00", "CNY", -1_000_000_000_000_000), ("0.10", "CNY", 10), ("100.01", "CNY", 10_001),
        ] as [(String, String, Int64)])
    func `Decimal text is exact`(_ text: String, _ code: String, _ minorUnits: Int64) throws {
        let currency = try #require(Currency(code))
        #expect(try Money(decimal: text, currency: currency).minorUnits == minorUnits)
    }

    @Test(
        arguments: [
            ("", MoneyFault.notANumber), ("-", .notANumber), (".", .notANumber), ("5.", .notANumber),
            ("1,000", .notANumber),
            ("1.2.3", .notANumber), ("1e3", .notANumber), (" 1", .notANumber), ("1-", .notANumber),
            ("--1", .notANumber),
            ("１", .notANumber), ("0.005", .tooManyDecimals(allowed: 2)), ("1.001", .tooManyDecimals(allowed: 2)),
            ("10000000000000.01", .outOfRange), ("99999999999999999999999999", .outOfRange),
        ])
    func `What is no amount says why`(_ text: String, _ fault: MoneyFault) {
        #expect(throws: fault) { try Money(decimal: text, currency: yuan) }
    }

    @Test func `A half yen is too many decimals`() throws {
        let yen = try #require(Currency("JPY"))
        #expect(throws: MoneyFault.tooManyDecimals(allowed: 0)) { try Money(decimal: "0.5", currency: yen) }
    }

    @Test func `Text and amount are inverse`() throws {
        for code in ["CNY", "JPY", "KWD"] {
            let currency = try #require(Currency(code))
            for minorUnits: Int64 in [0, 1, -1, 9, 10, 99, 100, -101, 12_345, 999_999, -1_000_000_000_000_000] {
                let money = Money(minorUnits: minorUnits, currency: currency)
                #expect(try Money(decimal: money.decimal, currency: currency) == money)
            }
        }
    }

    @Test func `An amount is compared exactly in every currency`() throws {
        let twenty = try DecimalAmount("20.00")
        #expect(twenty.description == "20")
        #expect(twenty.order(of: cny("19.99")) == -1)
        #expect(twenty.order(of: cny("20.00")) == 0)
        #expect(twenty.order(of: cny("20.01")) == 1)
        let half = try DecimalAmount("20.5")
        let yen = try #require(Currency("JPY"))
        #expect(half.order(of: Money(minorUnits: 20, currency: yen)) == -1)
        #expect(half.order(of: Money(minorUnits: 21, currency: yen)) == 1)
        let dinar = try #require(Currency("KWD"))
        #expect(half.order(of: Money(minorUnits: 20_500, currency: dinar)) == 0)
        #expect(try DecimalAmount("-0.01").order(of: cny("-0.02")) == -1)
    }

    @Test func `A limit is rounded up where the currency has fewer decimals`() throws {
        let yen = try #require(Currency("JPY"))
        #expect(try DecimalAmount("20.5").limit(in: yen).minorUnits == 21)
        #expect(try DecimalAmount("5000").limit(in: yuan) == cny("5000.00"))
        #expect(try DecimalAmount("999999999999999999").limit(in: yuan).minorUnits == Money.largestMinorUnits)
    }

    @Test(arguments: [("0.070", "0.07"), ("100", "100"), ("-1.5", "-1.5"), ("0.0", "0"), ("12.340", "12.34")])
    func `A decimal shows no more than it needs`(_ text: String, _ shown: String) throws {
        #expect(try DecimalAmount(text).description == shown)
    }
}
