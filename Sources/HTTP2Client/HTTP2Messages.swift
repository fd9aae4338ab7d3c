// Owns: what a caller says to the client and gets back. Knows nothing of connections.

/// One header field.
package struct HTTP2Header: Hashable, Sendable {
    /// Lower case.
    package var name: String
    package var value: String
    package init(_ name: String, _ value: String) {
        self.name = name.lowercased()
        self.value = value
    }
}

package struct HTTP2Request: Hashable, Sendable {
    package var method: String
    /// Begins with `/`, percent-encoded, with the query where there is one.
    package var path: String
    package var headers: [HTTP2Header]
    package var body: [UInt8]
    /// Until the whole response is there, waiting for a free stream included; nil: the configuration's.
    package var timeout: Duration?

    package init(
        method: String = "GET", path: String, headers: [HTTP2Header] = [], body: [UInt8] = [], timeout: Duration? = nil
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}

package struct HTTP2Response: Hashable, Sendable {
    package var status: Int
    /// Names in lower case, in the order in which they came; trailers are left out.
    package var headers: [HTTP2Header]
    package var body: [UInt8]

    package init(status: Int, headers: [HTTP2Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first value of the field with this name (lower case).
    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// Where requests go: `http://host:port` (HTTP/2 with prior knowledge) or `https://host:port`.
package struct HTTP2Origin: Hashable, Sendable, CustomStringConvertible {
    package enum Scheme: String, Hashable, Sendable { case http, https }

    package var scheme: Scheme
    /// A name or an IP address; IPv6 without brackets.
    package var host: String
    package var port: Int

    package init(scheme: Scheme, host: String, port: Int) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// The origin that a URL names, or nil: not http or https, a path, user or query in it, or no such port.
    package init?(_ url: String) {
        let parts = url.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let scheme = Scheme(rawValue: String(parts[0])), parts[1].hasPrefix("//") else {
            return nil
        }
        var rest = parts[1].dropFirst(2)
        if rest.last == "/" { rest.removeLast() }
        guard !rest.isEmpty, !rest.contains(where: { "/?#@ ".contains($0) }) else { return nil }
        self.scheme = scheme
        var portText: Substring?
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            self.host = String(rest[rest.index(after: rest.startIndex)..<end])
            let after = rest[rest.index(after: end)...]
            guard after.isEmpty || after.first == ":" else { return nil }
            portText = after.isEmpty ? nil : after.dropFirst()
        } else {
            let halves = rest.split(separator: ":", omittingEmptySubsequences: false)
            guard halves.count <= 2, !halves[0].isEmpty else { return nil }
            self.host = String(halves[0])
            portText = halves.count == 2 ? halves[1] : nil
        }
        guard let portText else {
            self.port = scheme == .https ? 443 : 80
            return
        }
        guard let port = Int(portText), (1...65_535).contains(port) else { return nil }
        self.port = port
    }

    /// `host:port` as the `:authority` of a request.
    var authority: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    package var description: String { "\(scheme.rawValue)://\(authority)" }
}

package struct HTTP2ClientConfiguration: Hashable, Sendable {
    package var origin: HTTP2Origin
    /// PEM file of the authorities that may sign the server's certificate; nil: the system's.
    package var certificateAuthorityFile: String?
    /// From the first packet to a connection that is ready for requests, TLS included.
    package var connectTimeout: Duration = .seconds(5)
    package var requestTimeout: Duration = .seconds(10)
    /// Streams open at once at most; the server may allow fewer. More requests wait.
    package var maximumConcurrentStreams = 256
    /// A response's body is held in memory, so it has a limit.
    package var maximumResponseBytes = 4 * 1024 * 1024
    /// A PING is sent this often, so that a dead peer is noticed; servers punish less than 30 seconds.
    package var keepAliveInterval: Duration = .seconds(60)
    /// No answer to a PING within this: the connection is lost.
    package var keepAliveTimeout: Duration = .seconds(10)

    package init(origin: HTTP2Origin, certificateAuthorityFile: String? = nil) {
        self.origin = origin
        self.certificateAuthorityFile = certificateAuthorityFile
    }
}
