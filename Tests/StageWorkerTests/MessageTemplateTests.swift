// Approved texts: what is refused when they are read, and when they are filled in.
import Foundation
@testable import SMSWorker
import Testing

private let head = "sender: BANK\napproved-by: A. Person, compliance\napproved-on: 2025-03-01\n---\n"
private let values = [
    "institution": "Bank", "contact": "400", "amount": "12.00", "currency": "CNY", "due_date": "2025-03-01",
]

@Suite struct MessageTemplateTests {
    @Test func `Placeholders are filled in`() throws {
        let template = try MessageTemplate(head + "{institution}: {amount} {currency}.\nCall {contact}\n\n")
        #expect(try template.rendered(values) == "Bank: 12.00 CNY.\nCall 400")
        #expect(template.sender == "BANK")
        #expect(template.approvedBy == "A. Person, compliance")
    }

    @Test func `A placeholder without a value is refused and named without the other values`() throws {
        let template = try MessageTemplate(head + "{institution} {contact} {amount} {due_date}")
        var some = values
        some["amount"] = nil
        some["due_date"] = ""
        let error = #expect(throws: TemplateFaults.self) { try template.rendered(some) }
        #expect(error?.faults == ["{amount}: expected a value, got none", "{due_date}: expected a value, got none"])
        some = values
        some["contact"] = "400\r\nX: y"
        let control = #expect(throws: TemplateFaults.self) { try template.rendered(some) }
        #expect(control?.faults == ["{contact}: expected printable text, got a control character"])
    }

    @Test func `A value is never read as a placeholder`() throws {
        let template = try MessageTemplate(head + "{institution} {contact}")
        var some = values
        some["institution"] = "{amount}"
        #expect(try template.rendered(some) == "{amount} 400")
    }

    @Test func `All faults of a text are reported together`() {
        let error = #expect(throws: TemplateFaults.self) {
            try MessageTemplate(
                "sender: AN-EXTREMELY-LONG-NAME\napproved-on: 2025-03-01\ncolour: red\n---\nPay {amonut}!")
        }
        #expect(
            error?.faults == [
                "line 3: expected each of sender, approved-by and approved-on once, got colour",
                "approved-by: expected a value, got none",
                "sender: expected 15 characters at most, got 22",
                "text: expected one of amount, contact, currency, dpd, due_date, institution, name_masked, product, "
                    + "got {amonut}",
                "text: expected the placeholder {contact}, got none",
                "text: expected the placeholder {institution}, got none",
            ])
    }

    @Test(arguments: ["{institution} {contact} }", "{institution} {contact} {", "{institution} {contact} {{amount}}"])
    func `A brace alone is refused`(_ text: String) {
        let error = #expect(throws: TemplateFaults.self) { try MessageTemplate(head + text) }
        #expect(error?.faults == ["text: expected braces only around placeholders, got one alone"])
    }

    @Test func `The shipped texts are whole and short in both languages`() throws {
        let library = try TemplateLibrary(directory: shipped("sms"), defaultLanguage: "zh-Hans")
        var named = values
        named["institution"] = "Example Consumer Finance"
        named["contact"] = "400-000-0000"
        for id in ["gentle-reminder", "reminder", "plan-offer", "final-notice"] {
            for language in ["zh-Hans", "en"] {
                let found = try #require(library.template(id, language: language))
                #expect(found.language == language.lowercased())
                let length = SMSLength(of: try found.template.rendered(named))
                #expect(length.encoding == (language == "en" ? .gsm7 : .ucs2))
                #expect(length.segments <= 2, "\(id).\(language): \(length)")
            }
        }
    }

    @Test func `A language falls back to a less special one and then to the default`() throws {
        let library = try TemplateLibrary(directory: shipped("sms"), defaultLanguage: "zh-Hans")
        #expect(library.template("reminder", language: "en-GB")?.language == "en")
        #expect(library.template("reminder", language: "zh-Hans-CN")?.language == "zh-hans")
        #expect(library.template("reminder", language: "fr")?.language == "zh-hans")
        #expect(library.template("threat", language: "en") == nil)
    }

    @Test func `A directory with a bad text is refused with the files name`() async throws {
        try await withTemporaryDirectory { directory in
            try "hello".write(toFile: directory + "/x.en.txt", atomically: true, encoding: .utf8)
            let error = #expect(throws: TemplateFaults.self) {
                try TemplateLibrary(directory: directory, defaultLanguage: "en")
            }
            #expect(error?.faults.first == "\(directory)/x.en.txt: expected a line --- after the header, got none")
        }
    }
}
