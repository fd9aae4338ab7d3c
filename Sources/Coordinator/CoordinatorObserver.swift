// Owns: what a person who watches a coordinator is told. Decides nothing.
import Arrears
import BusinessDay
import DispatchCore
import Leasing
import Ledger

/// How far a run is, for whoever watches.
package struct RunProgress: Sendable {
    package var run: RunID
    package var checkpoint: Checkpoint
    /// Connected workers by stage; a stage in dispatch without any is worth a word.
    package var workers: [Stage: Int]
    package var fault: RunFault?
}

/// Watches a coordinator; called on the loop's thread, and must return at once.
package protocol CoordinatorObserver: Sendable {
    func listening(host: String, port: Int)
    func progressed(_ progress: RunProgress)
    func workerChanged(_ notice: WorkerNotice)
    /// The ledger failed or its disk is full; nil: all is as it should be.
    func conditionChanged(_ condition: CoordinatorCondition?)
    /// A file of events was taken, with so many that were new, or refused, and why.
    func eventsCame(_ file: String, _ result: Result<Int, EventRefusal>)
    /// A run ended before anything was planned; the coordinator goes on.
    func runFailed(_ run: RunID, _ fault: RunFault)
}

extension CoordinatorObserver {
    package func conditionChanged(_ condition: CoordinatorCondition?) {}
    package func eventsCame(_ file: String, _ result: Result<Int, EventRefusal>) {}
    package func runFailed(_ run: RunID, _ fault: RunFault) {}
}
