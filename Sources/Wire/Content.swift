// Owns: what a stage is told about a task, as bytes. Leasing and the ledger carry the bytes and never look inside.
import Arrears

extension StageContent {
    /// The content in wire encoding. The same content has the same bytes.
    package func encoded() -> [UInt8] {
        var content = Recoup_V1_TaskContent()
        switch self {
        case .sms(let sms): content.sms = sms.proto
        case .call(let call): content.call = call.proto
        case .placement(let placement): content.placement = placement.proto
        case .legal(let legal): content.legal = legal.proto
        }
        return content.bytes()
    }

    /// - Throws: `.undecodable` or `.invalidField`.
    package init(encoded bytes: [UInt8]) throws(WireError) {
        let content = try Recoup_V1_TaskContent(checked: bytes, "content")
        switch content.content {
        case .sms(let sms): self = .sms(try SMSContent(sms))
        case .call(let call): self = .call(try CallContent(call))
        case .placement(let placement): self = .placement(try PlacementContent(placement))
        case .legal(let legal): self = .legal(try LegalContent(legal))
        case nil: throw WireError(.undecodable, "content: expected one of a known stage, got none")
        }
    }
}

/// Any text of a content.
private func text(_ value: String, _ name: String) throws(WireError) -> String {
    try Check.text(value, upTo: Bounds.contentTextBytes, name)
}

private func count(_ value: UInt32, _ name: String) throws(WireError) -> Int {
    Int(try Check.number(value, in: 0...Int64(Int32.max), name))
}

/// Amounts of a content are required.
private func amount(_ value: Recoup_V1_Money, _ name: String) throws(WireError) -> Money {
    try Check.money(value, name)
}

extension SMSContent {
    var proto: Recoup_V1_SMSContent {
        var proto = Recoup_V1_SMSContent()
        proto.to = to
        proto.templateID = templateID
        proto.fields = fields
        proto.language = language
        return proto
    }

    init(_ proto: Recoup_V1_SMSContent) throws(WireError) {
        guard proto.fields.count <= Bounds.contentItems else {
            throw .field("fields", expected: "at most \(Bounds.contentItems)", got: proto.fields.count)
        }
        for (name, value) in proto.fields { _ = try text(name + value, "fields") }
        self.init(
            to: try text(proto.to, "to"), templateID: try text(proto.templateID, "template_id"),
            fields: proto.fields, language: try text(proto.language, "language"))
    }
}

extension CallContent {
    var proto: Recoup_V1_CallContent {
        var proto = Recoup_V1_CallContent()
        proto.phone = phone
        proto.scriptID = scriptID
        proto.priority = UInt32(clamping: priority)
        proto.queue = queue
        proto.displayName = displayName
        proto.localHoursFrom = localHoursFrom
        proto.localHoursTo = localHoursTo
        proto.timeZone = timeZone
        proto.offerPlan = offerPlan
        proto.arrears = arrears.proto
        proto.dpd = UInt32(clamping: dpd)
        proto.businessDate = businessDate.iso
        return proto
    }

    init(_ proto: Recoup_V1_CallContent) throws(WireError) {
        self.init(
            phone: try text(proto.phone, "phone"), scriptID: try text(proto.scriptID, "script_id"),
            priority: try count(proto.priority, "priority"), queue: try text(proto.queue, "queue"),
            displayName: try text(proto.displayName, "display_name"),
            localHoursFrom: try text(proto.localHoursFrom, "local_hours_from"),
            localHoursTo: try text(proto.localHoursTo, "local_hours_to"),
            timeZone: try text(proto.timeZone, "time_zone"), offerPlan: proto.offerPlan,
            arrears: try amount(proto.arrears, "arrears"), dpd: try count(proto.dpd, "dpd"),
            businessDate: try Check.date(proto.businessDate, "business_date"))
    }
}

extension PlacementContent {
    var proto: Recoup_V1_PlacementContent {
        var proto = Recoup_V1_PlacementContent()
        proto.agencyID = agencyID
        proto.placement = UInt32(clamping: placement)
        proto.caseRef = caseRef
        proto.debtorName = debtorName
        proto.phone = phone
        proto.arrears = arrears.proto
        proto.balance = balance.proto
        proto.dpd = UInt32(clamping: dpd)
        proto.product = product
        proto.region = region
        proto.businessDate = businessDate.iso
        proto.expiresOn = expiresOn.iso
        proto.purpose = purpose
        return proto
    }

    init(_ proto: Recoup_V1_PlacementContent) throws(WireError) {
        self.init(
            agencyID: try text(proto.agencyID, "agency_id"), placement: try count(proto.placement, "placement"),
            caseRef: try text(proto.caseRef, "case_ref"), debtorName: try text(proto.debtorName, "debtor_name"),
            phone: try text(proto.phone, "phone"), arrears: try amount(proto.arrears, "arrears"),
            balance: try amount(proto.balance, "balance"), dpd: try count(proto.dpd, "dpd"),
            product: try text(proto.product, "product"), region: try text(proto.region, "region"),
            businessDate: try Check.date(proto.businessDate, "business_date"),
            expiresOn: try Check.date(proto.expiresOn, "expires_on"), purpose: try text(proto.purpose, "purpose"))
    }
}

extension LegalContent {
    var proto: Recoup_V1_LegalContent {
        var proto = Recoup_V1_LegalContent()
        proto.caseRef = caseRef
        proto.debtorName = debtorName
        proto.product = product
        proto.balance = balance.proto
        proto.arrears = arrears.proto
        proto.minimumBalance = minimumBalance.proto
        proto.dpd = UInt32(clamping: dpd)
        proto.businessDate = businessDate.iso
        proto.oldestUnpaidDueDate = oldestUnpaidDueDate?.iso ?? ""
        proto.limitationEndsOn = limitationEndsOn?.iso ?? ""
        proto.requiredDocuments = requiredDocuments
        proto.presentDocuments = presentDocuments
        proto.hardshipEvidence = hasHardshipEvidence
        proto.approvedBy = approvedBy ?? ""
        proto.history = history.map(\.proto)
        return proto
    }

    init(_ proto: Recoup_V1_LegalContent) throws(WireError) {
        var history: [CaseHistoryEntry] = []
        for entry in proto.history { history.append(try CaseHistoryEntry(entry)) }
        for document in proto.requiredDocuments + proto.presentDocuments { _ = try text(document, "documents") }
        self.init(
            caseRef: try text(proto.caseRef, "case_ref"), debtorName: try text(proto.debtorName, "debtor_name"),
            product: try text(proto.product, "product"), balance: try amount(proto.balance, "balance"),
            arrears: try amount(proto.arrears, "arrears"),
            minimumBalance: try amount(proto.minimumBalance, "minimum_balance"), dpd: try count(proto.dpd, "dpd"),
            businessDate: try Check.date(proto.businessDate, "business_date"),
            oldestUnpaidDueDate: try Check.optionalDate(proto.oldestUnpaidDueDate, "oldest_unpaid_due_date"),
            limitationEndsOn: try Check.optionalDate(proto.limitationEndsOn, "limitation_ends_on"),
            requiredDocuments: proto.requiredDocuments, presentDocuments: proto.presentDocuments,
            hasHardshipEvidence: proto.hardshipEvidence,
            approvedBy: proto.approvedBy.isEmpty ? nil : try text(proto.approvedBy, "approved_by"), history: history)
    }
}

extension CaseHistoryEntry {
    var proto: Recoup_V1_HistoryEntry {
        var proto = Recoup_V1_HistoryEntry()
        proto.date = date.iso
        proto.kind = kind.rawValue
        proto.stage = stage.rawValue
        proto.step = step
        proto.outcome = outcome.rawValue
        if let amount { proto.amount = amount.proto }
        proto.due = due?.iso ?? ""
        proto.evidence = evidence
        return proto
    }

    init(_ proto: Recoup_V1_HistoryEntry) throws(WireError) {
        guard let kind = HistoryKind(rawValue: proto.kind) else {
            throw .field("history.kind", expected: "a known kind", got: "\"\(proto.kind.clipped(to: 40))\"")
        }
        guard let stage = Stage(rawValue: proto.stage) else {
            throw .field("history.stage", expected: "a known stage", got: "\"\(proto.stage.clipped(to: 40))\"")
        }
        guard let outcome = OutcomeCode(rawValue: proto.outcome) else {
            throw .field("history.outcome", expected: "an outcome code", got: "\"\(proto.outcome.clipped(to: 40))\"")
        }
        self.init(
            date: try Check.date(proto.date, "history.date"), kind: kind, stage: stage,
            step: try text(proto.step, "history.step"), outcome: outcome,
            amount: proto.hasAmount ? try Check.money(proto.amount, "history.amount") : nil,
            due: try Check.optionalDate(proto.due, "history.due"),
            evidence: try text(proto.evidence, "history.evidence"))
    }
}
