// Owns: noticing that standard input has ended. Knows nothing of what follows from it.
import Foundation

/// Calls `ended` once when standard input ends: the supervisor at its other end has gone, however it went.
func watchEndOfInput(_ ended: @escaping @Sendable () -> Void) {
    let thread = Thread {
        var byte: UInt8 = 0
        while true {
            let count = read(STDIN_FILENO, &byte, 1)
            if count == 0 || (count < 0 && errno != EINTR) { break }
        }
        ended()
    }
    thread.name = "end of input"
    thread.start()
}
