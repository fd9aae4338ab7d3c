// Owns: document → event: the keys of one, strictly. Knows no syntax: the document is a tree already.

extension RegisterEvent {
    /// What an event may tell, as documents name it.
    package enum Kind: String, CaseIterable, Sendable {
        case hold, payment, closed, contact, number, revoke
    }

    /// Reads and validates one event.
    /// - Throws: every fault of the document together. None shows what may be personal.
    package init(document: DocumentNode, source name: String) throws(DocumentFaults) {
        do throws(DocumentFaults) {
            self = try DocumentReader.read(document, source: name) { $0.mapping(RegisterEvent.init(reading:)) }
        } catch {
            throw DocumentFaults(source: error.source, faults: error.faults.map(\.withoutPersonalData))
        }
    }

    private init?(reading keys: MappingReader) {
        let source = keys.required("source")?.name()
        let id = keys.required("id")?.identifier()
        let date = keys.required("date")?.date()
        let subject = Subject(reading: keys)
        let why = keys.optional("why").map { $0.text(upTo: 500) } ?? ""
        let kind = keys.required("kind")?.word(Kind.self)
        guard let kind, let fact = Fact(kind, reading: keys), let source, let id, let date, let subject, let why else {
            return nil
        }
        if let wanted = kind.wantsAccount {
            guard case .account = subject else {
                if wanted { keys.itself.fault(expected: "\(kind.rawValue) with an account", got: "a customer") }
                if wanted { return nil }
                self.init(source: source, id: id, subject: subject, date: date, fact: fact, why: why)
                return
            }
            if !wanted {
                keys.itself.fault(expected: "\(kind.rawValue) with a customer", got: "an account")
                return nil
            }
        }
        if case .hold(_, let until?) = fact, until < date {
            keys.itself.fault(expected: "until on \(date) or later", got: "\(until)")
            return nil
        }
        self.init(source: source, id: id, subject: subject, date: date, fact: fact, why: why)
    }
}

extension RegisterEvent.Kind {
    /// True: about one account; false: about a person; nil: either.
    fileprivate var wantsAccount: Bool? {
        switch self {
        case .payment, .closed: true
        case .contact, .number: false
        case .hold, .revoke: nil
        }
    }
}

extension RegisterEvent.Subject {
    fileprivate init?(reading keys: MappingReader) {
        let portfolio = keys.optional("portfolio").map { $0.identifier() }
        switch keys.exactlyOne(of: ["account", "customer"]) {
        case "account"?:
            guard let number = keys.optional("account")?.identifier() else { return nil }
            guard let portfolio else {
                self = .account(CaseID(AccountID(number), in: .standard))
                return
            }
            guard let portfolio else { return nil }
            self = .account(CaseID(AccountID(number), in: PortfolioID(portfolio)))
        case "customer"?:
            guard let id = keys.optional("customer")?.identifier() else { return nil }
            if portfolio != nil {
                keys.itself.fault(expected: "a portfolio only beside an account", got: "one beside a customer")
                return nil
            }
            self = .customer(CustomerID(id))
        default: return nil
        }
    }
}

extension RegisterEvent.Fact {
    fileprivate init?(_ kind: RegisterEvent.Kind, reading keys: MappingReader) {
        switch kind {
        case .hold:
            let until = keys.optional("until").map { $0.date() }
            guard let hold = keys.required("hold")?.word(Hold.Kind.self) else { return nil }
            if let until, until == nil { return nil }
            self = .hold(hold, until: until ?? nil)
        case .payment:
            let reader = keys.required("amount")
            let amount = reader?.text("a decimal number such as 20.00")
            guard let currency = keys.required("currency")?.currency(), let reader, let amount else { return nil }
            guard let money = try? Money(decimal: amount, currency: currency), money.isPositive else {
                reader.fault(
                    expected: "an amount above 0 in \(currency.code), with \(currency.decimals) decimals at most")
                return nil
            }
            self = .payment(money)
        case .closed:
            guard let closing = keys.required("closed")?.word(RegisterEvent.Closing.self) else { return nil }
            self = .closed(closing)
        case .contact: self = .contact
        case .number:
            let phone = keys.required("phone")?.phone()
            guard let fact = keys.required("fact")?.word(EndpointFact.self), let phone else { return nil }
            self = .number(phone, fact)
        case .revoke:
            guard let event = keys.required("event")?.identifier() else { return nil }
            self = .revoke(event)
        }
    }
}

extension DocumentReader {
    /// A name given by others: 1 to 128 bytes, nothing that a line or a terminal would take for more.
    fileprivate func identifier() -> String? {
        guard let text = text("an id") else { return nil }
        guard text.utf8.count <= 128, text.unicodeScalars.allSatisfy(\.isShown) else {
            fault(expected: "1 to 128 bytes without control characters", got: "\(text.utf8.count) bytes")
            return nil
        }
        return text
    }

    fileprivate func text(upTo limit: Int) -> String? {
        guard let text = text() else { return nil }
        guard text.utf8.count <= limit, text.unicodeScalars.allSatisfy(\.isShown) else {
            fault(expected: "at most \(limit) bytes without control characters", got: "\(text.utf8.count) bytes")
            return nil
        }
        return text
    }

    /// E.164: `+` and 8 to 15 digits, the first not 0.
    fileprivate func phone() -> String? {
        guard let text = text("a phone number") else { return nil }
        let digits = text.utf8.dropFirst()
        let isDigits = digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard text.utf8.first == UInt8(ascii: "+"), isDigits, (8...15).contains(digits.count),
            digits.first != UInt8(ascii: "0")
        else {
            fault(expected: "a phone number in E.164, such as + and 8 to 15 digits", got: "another")
            return nil
        }
        return text
    }
}

extension DocumentFault {
    /// Keys whose values are words of a closed list, dates or amounts may be shown; others may name a person.
    fileprivate var withoutPersonalData: DocumentFault {
        let shown = ["", "document", "source", "date", "kind", "hold", "until", "amount", "currency", "closed", "fact"]
        let isKey = got == "\"\(path)\""
        guard !shown.contains(path), !isKey, got.hasPrefix("\"") else { return self }
        var fault = self
        fault.got = "another value"
        return fault
    }
}
