// Owns: what the loop needs of the connections to workers. Knows no socket.
import DispatchCore

/// The way to the workers: the listener in production.
package protocol Transport: Sendable {
    func perform(_ directives: [Directive])
    /// These were taken out of the inbox: their connections may be read on.
    func taken(_ inputs: [Input])
}

extension Transport {
    package func taken(_ inputs: [Input]) {}
}
