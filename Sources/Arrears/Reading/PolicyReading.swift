// Owns: document → policy: the top of it, recognition, buckets, conduct, agencies, segmentation. Treatments are read in
// TreatmentReading. Knows no syntax: the document is a tree already.

extension Policy {
    /// Reads and validates a policy.
    /// - Throws: every fault of the document together, with lines and paths.
    package init(document: DocumentNode, source: String) throws(DocumentFaults) {
        self = try DocumentReader.read(document, source: source) { $0.mapping(Policy.init(reading:)) }
    }

    private init?(reading keys: MappingReader) {
        let name = keys.required("policy")?.name()
        let version = keys.required("version")?.name()
        let recognition =
            keys.optional("recognition").map { $0.mapping(RecognitionSettings.init(reading:)) }
            ?? RecognitionSettings()
        let buckets = keys.required("buckets").flatMap(readBuckets)
        let conduct = keys.required("conduct")?.mapping(ConductRules.init(reading:))
        let agencies = keys.optional("agencies").map(readAgencies) ?? []
        let segmentation = keys.required("segments")?.mapping(Segmentation.init(reading:))
        let after = keys.optional("after").map { readConsequences($0, stage: nil, steps: []) } ?? [:]
        let treatments = keys.required("treatments").flatMap {
            readTreatments($0, agencies: agencies?.map(\.id), segments: segmentation?.segments)
        }
        guard let name, let version, let recognition, let buckets, let conduct, let agencies, let segmentation,
            let after, let treatments
        else { return nil }
        self.init(
            name: name, version: version, recognition: recognition, buckets: buckets, conduct: conduct,
            agencies: agencies, segmentation: segmentation, treatments: treatments, after: after)
    }
}

extension RecognitionSettings {
    fileprivate init?(reading keys: MappingReader) {
        let allocation = keys.optional("allocation").map { $0.mapping(AllocationOrder.init(reading:)) } ?? .standard
        let graceDays = keys.optional("graceDays").map { $0.integer(in: 0...365) } ?? 0
        let daysPerCycle = keys.optional("daysPerCycle").map { $0.integer(in: 1...366) } ?? 30
        guard let allocation, let graceDays, let daysPerCycle else { return nil }
        self.init(allocation: allocation, graceDays: graceDays, daysPerCycle: daysPerCycle)
    }
}

extension AllocationOrder {
    fileprivate init?(reading keys: MappingReader) {
        let direction = keys.required("direction")?.word(Direction.self)
        let reader = keys.required("parts")
        guard let reader, let parts = reader.list({ $0.word(InstalmentPart.self) }) else { return nil }
        guard parts.count == InstalmentPart.allCases.count, Set(parts).count == parts.count else {
            reader.fault(
                expected: "fees, interest and principal, each once",
                got: parts.map(\.rawValue).joined(separator: ", "))
            return nil
        }
        guard let direction else { return nil }
        self.init(parts: parts, direction: direction)
    }
}

/// Nobody is overdue for so long that a DPD has none after it, but a document may say so.
private func dayAfter(_ dpd: Int) -> Int { dpd == .max ? dpd : dpd + 1 }

/// Buckets cover every DPD from 1 on, without gap or overlap.
private func readBuckets(_ reader: DocumentReader) -> [Bucket]? {
    var next: Int? = 1
    var names = Names("bucket")
    let buckets = reader.list { element in
        element.mapping { keys -> Bucket? in
            let name = keys.required("name")?.text()
            let range = keys.required("dpd")?.integerRange()
            if let name { names.take(name, at: keys.itself) }
            guard let range else {
                // What follows an unreadable range cannot be judged.
                next = nil
                return nil
            }
            guard let from = range.from, from == next else {
                if let expected = next {
                    keys.itself.fault(
                        expected: "a bucket from DPD \(expected) on, without gap or overlap", got: "\"\(range)\"")
                }
                next = range.through.map(dayAfter)
                return nil
            }
            next = range.through.map(dayAfter) ?? Int.max
            guard let name else { return nil }
            return Bucket(name: name, from: from, through: range.through)
        }
    }
    guard let buckets, let last = buckets.last else { return nil }
    if let through = last.through {
        reader.fault(expected: "a last bucket without an end", got: "\(last.name) ends with DPD \(through)")
        return nil
    }
    return buckets
}

extension ConductRules {
    fileprivate init?(reading keys: MappingReader) {
        let zone = keys.required("timeZone")?.text("an IANA time zone such as Asia/Shanghai")
        let windows = keys.required("windows")?.list { $0.mapping(ContactWindow.init(reading:)) }
        let caps = keys.required("caps")?.list { $0.mapping(ContactCap.init(reading:)) }
        guard let zone, let windows, let caps else { return nil }
        // A stage that reaches people must have its hours: no rule would mean the whole night.
        let covered = windows.reduce(into: Set<Stage>()) { $0.formUnion($1.stages) }
        let uncovered = Stage.contacts.subtracting(covered).sorted()
        guard uncovered.isEmpty else {
            keys.itself.fault(
                expected: "a window for every stage that reaches people",
                got: "none for " + uncovered.map(\.rawValue).joined(separator: ", "))
            return nil
        }
        self.init(timeZone: zone, windows: windows, caps: caps)
    }
}

extension ContactWindow {
    fileprivate init?(reading keys: MappingReader) {
        let rule = keys.required("rule")?.name()
        let stages = keys.required("stages")?.oneOrMore { $0.word(Stage.self) }
        let from = keys.required("from")?.clockTime()
        let to = keys.required("to")?.clockTime()
        guard let rule, let stages, let from, let to else { return nil }
        let window = LocalWindow(fromMinute: from, toMinute: to)
        guard !window.isEmpty else {
            keys.itself.fault(
                expected: "a window that ends after it begins, on one day",
                got: "\(LocalWindow.clock(from)) to \(LocalWindow.clock(to))")
            return nil
        }
        self.init(rule: rule, stages: Set(stages), window: window)
    }
}

extension ContactCap {
    fileprivate init?(reading keys: MappingReader) {
        let rule = keys.required("rule")?.name()
        let contacts = keys.required("contactsPerDay")?.integer(in: 0...100)
        guard let rule, let contacts else { return nil }
        self.init(rule: rule, contactsPerDay: contacts)
    }
}

private func readAgencies(_ reader: DocumentReader) -> [Agency]? {
    var ids = Names("agency")
    return reader.list(allowsEmpty: true) { element in
        element.mapping { keys -> Agency? in
            let id = keys.required("id")?.name()
            let name = keys.required("name")?.text()
            guard let id, ids.take(id, at: keys.itself), let name else { return nil }
            return Agency(id: id, name: name)
        }
    }
}

extension Segmentation {
    fileprivate init?(reading keys: MappingReader) {
        var names = Names("rule")
        let rules = keys.required("rules")?.list(allowsEmpty: true) { element in
            element.mapping { keys -> SegmentRule? in
                let name = keys.required("rule")?.name()
                let segment = keys.required("segment")?.name()
                let conditions = keys.required("when").flatMap(readConditions)
                if let name, name == Segmentation.defaultRule {
                    keys.itself.fault(expected: "a name other than \"default\"", got: "\"default\"")
                    return nil
                }
                guard let name, names.take(name, at: keys.itself), let segment, let conditions else { return nil }
                return SegmentRule(name: name, conditions: conditions, segment: segment)
            }
        }
        let defaultSegment = keys.required("default")?.name()
        guard let rules, let defaultSegment else { return nil }
        self.init(rules: rules, defaultSegment: defaultSegment)
    }
}

private func readConditions(_ reader: DocumentReader) -> [SegmentCondition]? {
    reader.mapping { keys -> [SegmentCondition]? in
        var conditions: [SegmentCondition] = []
        var isComplete = true
        func take<Value>(
            _ key: String, _ read: (DocumentReader) -> Value?, _ condition: (Value) -> SegmentCondition
        ) {
            guard let value = keys.optional(key) else { return }
            if let value = read(value) { conditions.append(condition(value)) } else { isComplete = false }
        }
        let words: (DocumentReader) -> [String]? = { $0.oneOrMore { $0.text() } }
        take("dpd", { $0.integerRange() }, SegmentCondition.dpd)
        take("cycles", { $0.integerRange() }, SegmentCondition.cycles)
        take("riskScore", { $0.integerRange() }, SegmentCondition.riskScore)
        take("balance", readComparisons, SegmentCondition.balance)
        take("arrears", readComparisons, SegmentCondition.arrears)
        take("product", words, SegmentCondition.product)
        // The book's regions are put into capitals as well.
        take("region", { words($0)?.map { $0.uppercased() } }, SegmentCondition.region)
        take("currency", { $0.oneOrMore { $0.currency() } }, SegmentCondition.currency)
        take("portfolio", words, { .portfolio($0.map { PortfolioID($0) }) })
        take("previousOutcome", words, SegmentCondition.previousOutcome)
        take("firstTime", { $0.boolean() }, SegmentCondition.firstTime)
        if isComplete && conditions.isEmpty {
            reader.fault(
                expected: "at least one condition; cases that match no rule go to the default segment",
                got: "none")
            return nil
        }
        return isComplete ? conditions : nil
    }
}

private func readComparisons(_ reader: DocumentReader) -> [AmountComparison]? {
    reader.oneOrMore { element in
        let expected = "a comparison such as \"< 20.00\" or \">= 1000\""
        guard let text = element.text(expected) else { return nil }
        guard let comparison = AmountComparison(text) else {
            element.fault(expected: expected)
            return nil
        }
        return comparison
    }
}

/// Names of one kind, each to be used once.
struct Names {
    private let kind: String
    private var taken: Set<String> = []

    init(_ kind: String) { self.kind = kind }

    /// Whether the name is new; a fault where it is not.
    @discardableResult
    mutating func take(_ name: String, at reader: DocumentReader) -> Bool {
        guard taken.insert(name).inserted else {
            reader.fault(expected: "each \(kind) once", got: "\"\(name)\" again")
            return false
        }
        return true
    }
}
