// Owns: document → treatments, steps and what follows an outcome. Knows nothing of the rest of a policy but its
// agencies' and segments' names.

/// Reads the treatments: a ladder for each segment, or `none` for one that is left alone.
/// - Parameters:
///   - agencies: the ids that a placement may name; nil: they could not be read, and are not checked.
///   - segments: the segments that cases are put in, each of which needs a treatment; nil likewise.
func readTreatments(_ reader: DocumentReader, agencies: [String]?, segments: [String]?) -> [Treatment]? {
    guard let entries = reader.entries() else { return nil }
    var treatments: [Treatment] = []
    var isComplete = true
    var stages: [String: Stage] = [:]
    var names: Set<String> = []
    for entry in entries {
        if !names.insert(entry.key).inserted {
            reader.fault(atKey: entry.key, line: entry.line, expected: "each segment once")
            isComplete = false
        }
        if let segments, !segments.contains(entry.key) {
            reader.fault(
                atKey: entry.key, line: entry.line,
                expected: "a segment that a rule names: \(closest(segments, to: entry.key).expectation)")
            isComplete = false
        }
        if case .scalar("none", _, _) = entry.value.node { continue }
        guard let steps = readSteps(entry.value, agencies: agencies) else {
            isComplete = false
            continue
        }
        if let circle = circle(of: steps) {
            entry.value.fault(
                expected: "steps that do not require each other in a circle",
                got: circle.joined(separator: " requires "))
            isComplete = false
        }
        for step in steps {
            if let other = stages.updateValue(step.stage, forKey: step.id), other != step.stage {
                entry.value.fault(
                    expected: "the step \"\(step.id)\" with one stage in all treatments",
                    got: "\(step.stage.rawValue) here and \(other.rawValue) before")
                isComplete = false
            }
        }
        treatments.append(Treatment(segment: entry.key, steps: steps))
    }
    for segment in segments ?? [] where !names.contains(segment) {
        reader.fault(
            expected: "a treatment of the segment \"\(segment)\", or \"\(segment): none\"", got: "no such key")
        isComplete = false
    }
    return isComplete ? treatments : nil
}

private func readSteps(_ reader: DocumentReader, agencies: [String]?) -> [TreatmentStep]? {
    guard case .sequence(let nodes, _) = reader.node else {
        reader.fault(expected: "a list of steps, or none")
        return nil
    }
    // A step may send the case on to any other, so their names are needed first.
    let steps = nodes.compactMap { node -> String? in
        guard case .mapping(let entries, _) = node,
            case .scalar(let id, _, _)? = entries.first(where: { $0.key == "step" })?.value
        else { return nil }
        return id
    }
    var ids = Names("step")
    return reader.list { element in
        element.mapping { keys -> TreatmentStep? in
            let id = keys.required("step")?.name()
            if let id { ids.take(id, at: keys.itself) }
            let stage = keys.required("stage")?.word(Stage.self)
            let dpd = keys.required("dpd").flatMap(readStepWindow)
            let cadence = keys.optional("cadence").map(readCadence) ?? .once()
            let priority = keys.optional("priority").map { $0.integer(in: 0...1000) } ?? 100
            let after = keys.optional("after").map { readConsequences($0, stage: stage, steps: steps) } ?? [:]
            let requires = keys.optional("requires").map { readRequirement($0, of: id, steps: steps) }
            let action = stage.map { readAction($0, keys, agencies: agencies) }
            if stage == nil { acceptEveryActionKey(keys) }
            // Outer nil: no such key; inner nil: a fault.
            if let requires, requires == nil { return nil }
            guard let id, let dpd, let cadence, let priority, let after, let action = action ?? nil else { return nil }
            return TreatmentStep(
                id: id, dpd: dpd, cadence: cadence, action: action, priority: priority, requires: requires ?? nil,
                after: after)
        }
    }
}

/// A step's name, or `{ step: NAME, within: DAYS }`.
private func readRequirement(_ reader: DocumentReader, of step: String?, steps: [String]) -> Requirement? {
    func known(_ reader: DocumentReader) -> String? {
        guard let name = reader.name() else { return nil }
        let others = steps.filter { $0 != step }
        guard others.contains(name) else {
            reader.fault(expected: "another step of this treatment: \(closest(others, to: name).expectation)")
            return nil
        }
        return name
    }
    if case .scalar = reader.node { return known(reader).map { Requirement(step: $0) } }
    return reader.mapping { keys -> Requirement? in
        let name = keys.required("step").flatMap(known)
        let days = keys.required("within")?.integer(in: 1...3660)
        guard let name, let days else { return nil }
        return Requirement(step: name, withinDays: days)
    }
}

/// Steps that require each other, the first one again at the end; nil: there are none.
private func circle(of steps: [TreatmentStep]) -> [String]? {
    let required = Dictionary(steps.compactMap { step in step.requires.map { (step.id, $0.step) } }) { first, _ in first
    }
    for start in steps.map(\.id) {
        var path = [start]
        while let next = required[path[path.count - 1]], path.count <= steps.count {
            path.append(next)
            if next == start { return path }
        }
    }
    return nil
}

private func readStepWindow(_ reader: DocumentReader) -> IntegerRange? {
    guard let range = reader.integerRange() else { return nil }
    guard let from = range.from, from >= 1 else {
        reader.fault(expected: "a window from DPD 1 or later", got: "\(range)")
        return nil
    }
    return range
}

/// `once`, or `{ every: DAYS, times: N }`.
private func readCadence(_ reader: DocumentReader) -> Cadence? {
    if case .scalar(let text, _, _) = reader.node {
        if text == "once" { return .once() }
        reader.fault(expected: "once, or a mapping of every and times")
        return nil
    }
    return reader.mapping { keys -> Cadence? in
        let every = keys.required("every")?.integer(in: 1...366)
        let times = keys.optional("times").map { $0.integer(in: 1...1000) }
        // Outer nil: no such key; inner nil: a fault.
        if let times, times == nil { return nil }
        guard let every else { return nil }
        return Cadence(everyDays: every, times: times ?? nil)
    }
}

private func readAction(_ stage: Stage, _ keys: MappingReader, agencies: [String]?) -> StepAction? {
    switch stage {
    case .sms:
        guard let template = keys.required("template")?.name() else { return nil }
        return .sms(template: template)
    case .callQueue:
        let script = keys.required("script")?.name()
        let queue = keys.required("queue")?.name()
        let offerPlan = keys.optional("offerPlan").map { $0.boolean() } ?? false
        guard let script, let queue, let offerPlan else { return nil }
        return .call(script: script, queue: queue, offerPlan: offerPlan)
    case .agency:
        let agency = keys.required("agency")
        let id = agency?.name()
        let placement = keys.required("placement")?.integer(in: 1...9)
        let days = keys.required("days")?.integer(in: 1...366)
        let purpose = keys.required("purpose")?.text()
        if let agencies, let id, !agencies.contains(id) {
            agency?.fault(expected: "an agency of this policy: \(closest(agencies, to: id).expectation)")
            return nil
        }
        guard let id, let placement, let days, let purpose else { return nil }
        return .placement(agency: id, placement: placement, days: days, purpose: purpose)
    case .legal:
        let minimum = keys.required("minimumBalance")?.decimal()
        let documents = keys.required("requiredDocuments")?.list(allowsEmpty: true) { $0.text() }
        let years = keys.required("limitationYears")?.integer(in: 1...30)
        guard let minimum, let documents, let years else { return nil }
        return .legal(minimumBalance: minimum, requiredDocuments: documents, limitationYears: years)
    }
}

/// Without a stage nobody can say which of these belong: none is called unknown.
private func acceptEveryActionKey(_ keys: MappingReader) {
    for key in [
        "template", "script", "queue", "offerPlan", "agency", "placement", "days", "purpose", "minimumBalance",
        "requiredDocuments", "limitationYears",
    ] { _ = keys.optional(key) }
}

/// What follows which outcome.
/// - Parameters:
///   - stage: whose outcomes; nil: any stage's.
///   - steps: those that `goTo` may name.
func readConsequences(
    _ reader: DocumentReader, stage: Stage?, steps: [String]
) -> [OutcomeCode: Consequence]? {
    guard let entries = reader.entries() else { return nil }
    let codes = OutcomeCode.allCases.filter { code in stage?.mayReport(code) ?? true }
    let known = codes.map(\.rawValue)
    var result: [OutcomeCode: Consequence] = [:]
    var isComplete = true
    for entry in entries {
        guard let code = OutcomeCode(rawValue: entry.key), codes.contains(code) else {
            let kind = stage.map { "an outcome of \($0.rawValue)" } ?? "an outcome"
            reader.fault(
                atKey: entry.key, line: entry.line, expected: "\(kind): \(closest(known, to: entry.key).expectation)")
            isComplete = false
            continue
        }
        guard let consequence = readConsequence(entry.value, steps: steps) else {
            isComplete = false
            continue
        }
        if code == .disputes && !consequence.stopsEverything {
            // Whatever a lender's policy is, a disputed debt is not chased before somebody has looked at it.
            entry.value.fault(expected: "a hold or end after a dispute")
            isComplete = false
        }
        result[code] = consequence
    }
    return isComplete ? result : nil
}

private func readConsequence(_ reader: DocumentReader, steps: [String]) -> Consequence? {
    if case .scalar(let text, _, _) = reader.node {
        if text == "end" { return .end }
        reader.fault(expected: "end, or a mapping of wait, waitPastDate, goTo, stop or hold")
        return nil
    }
    return reader.mapping { keys -> Consequence? in
        switch keys.exactlyOne(of: ["wait", "waitPastDate", "goTo", "stop", "hold"]) {
        case "wait": return keys.required("wait")?.integer(in: 1...366).map { .wait(days: $0) }
        case "waitPastDate": return keys.required("waitPastDate")?.integer(in: 0...366).map { .waitPastDate(days: $0) }
        case "stop":
            let stages = keys.required("stop")?.oneOrMore { $0.word(Stage.self) }
            return stages.map { .stop(Set($0)) }
        case "hold":
            let kind = keys.required("hold")?.word(Hold.Kind.self)
            let days = keys.optional("days").map { $0.integer(in: 1...3660) }
            if let days, days == nil { return nil }
            return kind.map { .hold($0, days: days ?? nil) }
        case "goTo":
            guard let target = keys.required("goTo"), let step = target.name() else { return nil }
            guard steps.contains(step) else {
                target.fault(
                    expected: steps.isEmpty
                        ? "goTo only under a step of a treatment"
                        : "a step of this treatment: \(closest(steps, to: step).expectation)")
                return nil
            }
            return .goTo(step: step)
        default: return nil
        }
    }
}

extension Consequence {
    fileprivate var stopsEverything: Bool {
        switch self {
        case .end, .hold: true
        case .wait, .waitPastDate, .goTo, .stop: false
        }
    }
}
