// Owns: a coordinator that serves, as a process of its own. Knows nothing of what is tested.
import Foundation
import Testing

/// A coordinator that listens.
struct Served {
    let coordinator: Started
    let endpoint: String

    /// - Parameter configuration: what its recoup.yaml says, where the defaults will not do.
    init(in scratch: Scratch, configuration: String? = nil) throws {
        let data = scratch.path("data")
        var arguments = [Project.binary, "coordinator", "--data", data, "--listen", "127.0.0.1:0"]
        if let configuration {
            try Data(configuration.utf8).write(to: scratch.url.appendingPathComponent("recoup.yaml"))
            arguments += ["--config", scratch.path("recoup.yaml")]
        }
        coordinator = try Started(arguments, in: scratch)
        endpoint = try announced("\(data)/coordinator.json", by: coordinator)
    }

    func stop() throws {
        coordinator.process.terminate()
        let end = coordinator.end()
        #expect(end.code == 0, "\(end.text)")
    }
}

/// Waits for the file in which a process says where it listens.
func announced(_ file: String, by process: Started) throws -> String {
    struct Address: Decodable {
        var port: Int
        var pid: Int32
    }
    var port: Int?
    wait(
        until: {
            guard let bytes = FileManager.default.contents(atPath: file),
                let address = try? JSONDecoder().decode(Address.self, from: bytes),
                address.pid == process.process.processIdentifier
            else { return false }
            port = address.port
            return true
        }, orUntil: { !process.process.isRunning })
    return "127.0.0.1:\(try #require(port, "\(process.text)"))"
}
