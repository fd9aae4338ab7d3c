// Owns: everything that a coordinator is told at its start. Reads nothing.
import Arrears
import Leasing

/// Everything a coordinator is told at its start.
package struct CoordinatorConfiguration: Sendable {
    /// Holds the ledger, the runs' files and the orders.
    package var dataDirectory: String
    package var host: String
    /// 0: any free port.
    package var port: Int
    package var tls: TLSFiles?
    /// Somebody meant that others than this machine are listened to without TLS.
    package var allowsClearText: Bool
    package var limits: Limits
    /// How portfolios share the workers: a portfolio of weight 3 gets three tasks where one of weight 1 gets one. Those that
    /// are not named have 1.
    package var portfolioWeights: [PortfolioID: Int]
    /// Random, new at each start.
    package var incarnation: UInt32
    /// Name and version, for people.
    package var software: String
    /// End when the run in hand is finished; otherwise wait for orders.
    package var endsWithRun: Bool
    /// Where the address that is listened on is published, as JSON; nil: nowhere.
    package var addressFile: String?

    /// PEM files: the coordinator's own, and the authority that signed the workers'. Read again when one of them changes.
    package struct TLSFiles: Hashable, Sendable {
        package var certificate: String
        package var key: String
        /// Workers must show a certificate signed by this authority.
        package var workerAuthority: String
        /// Fingerprints of certificates that count no more; nil: none.
        package var revoked: String?
        package var workers: WorkerCertificates

        package init(
            certificate: String, key: String, workerAuthority: String, revoked: String? = nil,
            workers: WorkerCertificates = WorkerCertificates()
        ) {
            self.certificate = certificate
            self.key = key
            self.workerAuthority = workerAuthority
            self.revoked = revoked
            self.workers = workers
        }
    }

    package init(
        dataDirectory: String, host: String = "127.0.0.1", port: Int = 0, tls: TLSFiles? = nil,
        allowsClearText: Bool = false,
        limits: Limits = Limits(), portfolioWeights: [PortfolioID: Int] = [:], incarnation: UInt32, software: String,
        endsWithRun: Bool, addressFile: String? = nil
    ) {
        self.dataDirectory = dataDirectory
        self.host = host
        self.port = port
        self.tls = tls
        self.allowsClearText = allowsClearText
        self.limits = limits
        self.portfolioWeights = portfolioWeights
        self.incarnation = incarnation
        self.software = software
        self.endsWithRun = endsWithRun
        self.addressFile = addressFile
    }
}
