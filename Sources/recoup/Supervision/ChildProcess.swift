// Owns: starting one child of this executable and learning how it ended. Knows nothing of what the child is for.
import Foundation

/// How a process ended.
enum ProcessEnd: Hashable, Sendable, CustomStringConvertible {
    case exited(Int32)
    case signalled(Int32)

    /// From what `waitpid` says.
    init(status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited((status >> 8) & 0xff) : .signalled(signal)
    }

    var description: String {
        switch self {
        case .exited(let code): "ended with exit code \(code)"
        case .signalled(let number):
            "was killed by signal \(number)" + (ProcessEnd.names[number].map { " (\($0))" } ?? "")
        }
    }

    private static let names: [Int32: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGABRT: "SIGABRT",
        SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGSEGV: "SIGSEGV", SIGPIPE: "SIGPIPE",
        SIGTERM: "SIGTERM",
    ]
}

/// A child of this executable. Its standard input is a pipe that ends when this process does, however it does: a child
/// that reads to the end of it never outlives its supervisor. Its output goes to a log file.
struct ChildProcess: Sendable {
    var identity: ProcessIdentity
    /// Our end of its standard input.
    private var input: Int32

    var pid: Int32 { identity.pid }

    /// - Parameters:
    ///   - arguments: without the executable's own name.
    ///   - ended: called once, from a thread of its own.
    /// - Throws: `Failure` when the system refuses.
    static func start(
        arguments: [String], log: String, ended: @escaping @Sendable (Int32, ProcessEnd) -> Void
    ) throws -> ChildProcess {
        // Close-on-exec at our end: a sibling that inherited it would keep the child alive after us.
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
            throw refused("a pipe")
        }
        let pid: Int32
        do {
            pid = try spawn(arguments: arguments, log: log, input: ends[0])
        } catch {
            close(ends[0])
            close(ends[1])
            throw error
        }
        close(ends[0])
        let identity = ProcessIdentity(running: pid) ?? ProcessIdentity(pid: pid, startTick: 0)
        let thread = Thread {
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            ended(pid, ProcessEnd(status: status))
        }
        thread.name = "wait \(pid)"
        thread.start()
        return ChildProcess(identity: identity, input: ends[1])
    }

    /// Ends the child's standard input: it drains. Called once.
    func endInput() { close(input) }

    private static func spawn(arguments: [String], log: String, input: Int32) throws -> Int32 {
        var directives = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&directives)
        defer { posix_spawn_file_actions_destroy(&directives) }
        posix_spawn_file_actions_adddup2(&directives, input, STDIN_FILENO)
        posix_spawn_file_actions_addopen(&directives, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&directives, STDOUT_FILENO, STDERR_FILENO)

        // A process group of its own, so that Ctrl-C reaches only the supervisor, which stops the children in order;
        // and the default answer to every signal that we ourselves ignore or hold back.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGPIPE] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = Int32(POSIX_SPAWN_SETPGROUP) | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let argv = copied(["recoup"] + arguments)
        let environment = copied(ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }.sorted())
        defer { for pointer in argv + environment { free(pointer) } }
        var pid: pid_t = 0
        // The executable itself, even when its file was replaced under us.
        let code = posix_spawn(&pid, "/proc/self/exe", &directives, &attributes, argv, environment)
        guard code == 0 else {
            errno = code
            throw refused("recoup \(arguments.first ?? "") with its log in \(log)")
        }
        return pid
    }

    /// C strings with a nil at the end; the caller frees them.
    private static func copied(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        texts.map { strdup($0) } + [nil]
    }

    private static func refused(_ what: String) -> Failure {
        Failure(.bug, "cannot start \(what): \(String(cString: strerror(errno)))")
    }
}
