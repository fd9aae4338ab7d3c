// Owns: the proof that the checkers see: every deliberate defect is switched on until it is caught.
import Foundation
import Simulation
import Synchronization

/// Plays each defect from the first seed on, until one catches it.
struct MutantHunt {
    var pool: ProcessPool
    var mutants: [Mutant]
    var part: Part

    private enum Result {
        case caught(by: String, afterSeeds: Int)
        case survived
    }

    /// False when a defect survived.
    func run() -> Bool {
        let waiting = Mutex(Array(mutants.reversed()))
        let results = Mutex([Mutant: Result]())
        pool.work({ waiting.withLock { $0.popLast() } }) { mutant in
            let result = hunt(mutant)
            results.withLock { results in
                results[mutant] = result
                show(mutant, result)
            }
        }
        let survived = results.withLock { results in
            results.filter { if case .survived = $0.value { true } else { false } }.count
        }
        print("\(mutants.count) mutants, \(survived) survived")
        return survived == 0
    }

    private func hunt(_ mutant: Mutant) -> Result {
        var part = part
        part.mutant = mutant
        var seeds = 0
        var caughtBy: String?
        let end = pool.run(part.arguments(.brief)) { text in
            guard let line = Part.Line(text) else { return }
            seeds += 1
            if !line.checker.isEmpty { caughtBy = line.checker }
        }
        if let caughtBy { return .caught(by: caughtBy, afterSeeds: seeds) }
        // The seed that ended the process has said nothing.
        if end == .died { return .caught(by: "an assertion of the code itself", afterSeeds: seeds + 1) }
        return .survived
    }

    private func show(_ mutant: Mutant, _ result: Result) {
        let name = mutant.rawValue.padding(toLength: 28, withPad: " ", startingAt: 0)
        switch result {
        case .caught(let checker, let seeds):
            print("caught    \(name) by \(checker) after \(seeds) \(seeds == 1 ? "seed" : "seeds")")
        case .survived: print("SURVIVED  \(name) over \(part.seeds.count) seeds")
        }
        fflush(nil)
    }
}
