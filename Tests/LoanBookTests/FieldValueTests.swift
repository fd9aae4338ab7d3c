// Owns: which texts are dates, numbers, phone numbers, zones and templates, and which are not.
@testable import Arrears
import Testing

@testable import LoanBook

@Suite struct FieldValueTests {
    func bytes(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

    @Test(arguments: [
        ("yyyy-MM-dd", "2024-02-29"), ("yyyyMMdd", "20240229"), ("dd/MM/yyyy", "29/02/2024"),
        ("d/M/yyyy", "29/2/2024"), ("yyyy年M月d日", "2024年2月29日"), ("yyyy年M月d日", "2024年02月29日"),
        ("yyyy-MM-dd HH:mm:ss", "2024-02-29 23:59:59"), ("yyyy-MM-dd'T'HH:mm", "2024-02-29T00:00"),
    ]) func `A day in its format`(pattern: String, text: String) throws {
        let format = try #require(DateFormat(pattern))
        #expect(format.day(bytes(text)) == CalendarDate(year: 2024, month: 2, day: 29))
    }

    @Test(arguments: [
        ("yyyy-MM-dd", "2025-02-29"), ("yyyy-MM-dd", "2024-2-9"), ("yyyy-MM-dd", "2024-02-29 "),
        ("yyyy-MM-dd", "24-02-29"), ("yyyyMMdd", "2024022"), ("yyyyMMdd", "202402290"), ("dd/MM/yyyy", "02/29/2024"),
        ("yyyy年M月d日", "2024年2月29"), ("yyyy-MM-dd HH:mm:ss", "2024-02-29 23:61:59"), ("yyyy-MM-dd", ""),
    ]) func `No day in its format`(pattern: String, text: String) throws {
        #expect(try #require(DateFormat(pattern)).day(bytes(text)) == nil)
    }

    @Test(arguments: [
        "yyyy-MM", "yy-MM-dd", "yyyy-MM-dd-dd", "yyyyMd", "yyyy-M5-dd", "yyyy-MMM-dd", "yyyy-MM-ddTHH", "yyyy-MM-dd'T",
        "",
    ]) func `No format`(pattern: String) { #expect(DateFormat(pattern) == nil) }

    @Test func `Amounts are exact`() throws {
        let twd = try #require(Currency("TWD"))
        let jpy = try #require(Currency("JPY"))
        let plain = NumberFormat.plain
        #expect(try plain.amount(bytes("3913.000"), twd).minorUnits == 391_300)
        #expect(try plain.amount(bytes("3913.0"), jpy).minorUnits == 3_913)
        #expect(try plain.amount(bytes("-2.0"), jpy).minorUnits == -2)
        #expect(throws: MoneyFault.tooManyDecimals(allowed: 0)) { try plain.amount(bytes("3913.5"), jpy) }
        #expect(throws: MoneyFault.notANumber) { try plain.amount(bytes("3,913"), jpy) }
        #expect(throws: MoneyFault.outOfRange) { try plain.amount(bytes("1000000000000001"), jpy) }
        let fen = NumberFormat(unit: .minor)
        #expect(try fen.amount(bytes("12345"), twd).minorUnits == 12_345)
        #expect(throws: MoneyFault.tooManyDecimals(allowed: 0)) { try fen.amount(bytes("1.5"), twd) }
        #expect(throws: MoneyFault.outOfRange) { try fen.amount(bytes("1000000000000001"), twd) }
    }

    @Test func `Separators`() {
        let german = NumberFormat(decimal: UInt8(ascii: ","), grouping: UInt8(ascii: "."))
        #expect(german.plainText(bytes("-1.234.567,89")) == "-1234567.89")
        #expect(german.plainText(bytes("1234,5")) == "1234.5")
        #expect(german.plainText(bytes("1,234.5")) == nil)
        #expect(german.plainText(bytes(".5")) == nil)
        let english = NumberFormat(grouping: UInt8(ascii: ","))
        #expect(english.plainText(bytes("1,234.50")) == "1234.50")
        #expect(english.plainText(bytes("1,,234")) == nil)
        // A comma that does not group thousands is somebody's decimal comma.
        for wrong in ["1,50", "1234,567", "12,34,567.00", ",500", "1,5000", "1,234,56", "1,234,"] {
            let plain = english.plainText(bytes(wrong))
            #expect(plain == nil, "\(wrong)")
        }
        let indian = NumberFormat(grouping: UInt8(ascii: ","), groups: .indian)
        #expect(indian.plainText(bytes("+12,34,567.00")) == "+1234567.00")
        #expect(indian.plainText(bytes("1,234,567")) == nil)
        #expect(NumberFormat(decimal: UInt8(ascii: ",")).plainText(bytes("1.5")) == nil)
        #expect(NumberFormat.plain.integer(bytes("-2.0")) == -2)
        #expect(NumberFormat.plain.integer(bytes("2.5")) == nil)
    }

    @Test func `Exponents are exact and only where the map allows them`() throws {
        let jpy = try #require(Currency("JPY"))
        let format = NumberFormat(allowsExponents: true)
        let exact: [(String, String)] = [
            ("1e+05", "100000"), ("-1.25E3", "-1250"), ("12.5e-1", "1.25"), ("5e-2", "0.05"), ("1.5e0", "1.5"),
            ("7", "7"), ("1.234e2", "123.4"),
        ]
        for (text, plain) in exact { #expect(format.plainText(bytes(text)) == plain, "\(text)") }
        for text in ["e5", "1e", "1e5.5", "1e99", "1e5e5", ".5e1"] {
            let plain = format.plainText(bytes(text))
            #expect(plain == nil, "\(text)")
        }
        #expect(try format.amount(bytes("1e+05"), jpy).minorUnits == 100_000)
        #expect(throws: MoneyFault.tooManyDecimals(allowed: 0)) { try format.amount(bytes("1.5e-1"), jpy) }
        #expect(throws: MoneyFault.notANumber) { try NumberFormat.plain.amount(bytes("1e+05"), jpy) }
    }

    @Test(arguments: [
        ("+8616012345678", "+8616012345678"), ("+86 160-1234-5678", "+8616012345678"),
        ("16012345678", "+8616012345678"),
        ("008616012345678", "+8616012345678"), ("8616012345678", "+8616012345678"), ("021-6234 5678", "+862162345678"),
        ("(010) 8234.5678", "+861082345678"), ("+886900000001", "+886900000001"), ("+1 202 555 0123", "+12025550123"),
    ]) func `A phone number`(text: String, e164: String) throws {
        #expect(try FieldValue.phone(bytes(text), country: "86") == e164)
    }

    @Test(arguments: [
        "12012345678", "1601234567", "160123456789", "+0123456789", "+86", "16012345678x", "1-6-0", "++8616012345678",
        "+123456", "+1234567890123456", "无",
    ]) func `No phone number`(text: String) {
        #expect(throws: ValueFault.self) { try FieldValue.phone(bytes(text), country: "86") }
    }

    @Test func `Time zones`() {
        for zone in ["Asia/Shanghai", "America/Argentina/Buenos_Aires", "Etc/GMT+8", "UTC"] {
            #expect((try? FieldValue.timeZone(bytes(zone))) == zone)
        }
        for text in ["CST", "Asia/", "/Shanghai", "Asia/Shang hai", "+08:00", "a/b/c/d"] {
            #expect(throws: ValueFault.self, "\(text)") { try FieldValue.timeZone(bytes(text)) }
        }
    }

    @Test func `Templates`() throws {
        let template = try #require(ValueTemplate("{{+886900{ID:06}}}/{a}"))
        #expect(
            template.parts == [.literal("{+886900"), .column("ID", width: 6), .literal("}/"), .column("a", width: 0)])
        for text in ["{ID", "ID}", "{}", "{:06}", "{ID:6}", "{ID:065}", "{a:b}"] {
            #expect(ValueTemplate(text) == nil, "\(text)")
        }
    }
}
