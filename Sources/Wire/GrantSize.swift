// Owns: how many tasks fit into one frame. Knows nothing of how they were chosen.
import Leasing

extension Message {
    /// Whether the message's payload is within a frame limit, in bytes.
    package func fits(_ frameBytes: Int) -> Bool { envelope().count <= frameBytes }
}

extension GrantedTask {
    /// At most this many bytes of a LeaseGranted: both strings, and 40 for tags, lengths and numbers.
    package var wireBytes: Int { id.text.utf8.count + content.count + 40 }
}

extension Message.LeaseGranted {
    /// How many of the first tasks fit into one frame together; the coordinator gives back the rest before it grants.
    package static func tasksThatFit(_ tasks: [GrantedTask], frameBytes: Int) -> Int {
        var left = frameBytes - 64
        for (index, task) in tasks.enumerated() {
            left -= task.wireBytes
            if left < 0 { return index }
        }
        return tasks.count
    }
}
