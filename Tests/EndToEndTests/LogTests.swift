// Owns: examples of log lines and of text from elsewhere on a terminal.
import Arrears
import Foundation
import Testing

@testable import recoup

@Suite("A log line")
struct LogTests {
    private func line(_ message: String, _ fields: [(String, String)]) -> LogLine {
        LogLine(
            time: "2026-11-20T10:00:00Z", level: "info", logger: "coordinator", message: message,
            fields: fields.map { (name: $0.0, value: $0.1) })
    }

    @Test func `reads as words and fields`() {
        #expect(
            line("worker joined", [("detail", "sms, legal"), ("worker", "sms-1")]).text(.logfmt)
                == #"2026-11-20T10:00:00Z info coordinator: worker joined detail="sms, legal" worker=sms-1"#)
        #expect(
            line("worker joined", [("worker", "sms-1")]).text(.json)
                == #"{"fields":{"worker":"sms-1"},"level":"info","logger":"coordinator","message":"worker joined","time":"2026-11-20T10:00:00Z"}"#
        )
    }

    @Test(
        arguments: [
            ("a\r\nb", #""a\r\nb""#), ("a\nb", #""a\nb""#), ("\u{1b}[2J", #""\u{1b}[2J""#),
            ("\u{9b}2J", #""\u{9b}2J""#),
            ("\u{202e}x", #""\u{202e}x""#), ("\u{2028}", #""\u{2028}""#), ("a=b", #""a=b""#),
            (#"a"b\c"#, #""a\"b\\c""#),
            ("", #""""#), ("王小明", "王小明"), ("é", "é"),
        ])
    func `is one line whatever a value holds, and no value passes for another`(value: String, shown: String) throws {
        let text = line("m", [("v", value)]).text(.logfmt)
        #expect(text == "2026-11-20T10:00:00Z info coordinator: m v=\(shown)")
        let json = line("m", [("v", value)]).text(.json)
        for scalar in (text + json).unicodeScalars { #expect(scalar.isShown, "\(scalar.value)") }
        struct Back: Decodable { var fields: [String: String] }
        #expect(try JSONDecoder().decode(Back.self, from: Data(json.utf8)).fields == ["v": value])
    }

    @Test func `holds no other line in its message, its name or its logger`() {
        let text = LogLine(time: "t", level: "info", logger: "a\r\nb", message: "m\nn", fields: [("x\n", "y")]).text(
            .logfmt)
        #expect(text == #"t info a\r\nb: m\nn x\n=y"#)
    }
}
