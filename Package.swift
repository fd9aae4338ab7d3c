// swift-tools-version: 6.1
import PackageDescription

// The house, floor by floor: a target may depend only on targets of lower floors (docs/how-it-works.md).
// Tests/ArchitectureTests proves it from the sources' own imports.

let nio = "swift-nio"

func floor(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies)
}

func product(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package)
}

let package = Package(
    name: "recoup",
    products: [.executable(name: "recoup", targets: ["recoup"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // Floor 0: what things are, and the decisions on them.
        floor("Arrears"),

        floor("Tables"),

        // Floor 1: bytes to accounts; who holds which task.
        floor("LoanBook", ["Arrears", "Tables"]),
        floor("Leasing", ["Arrears", product("Collections", "swift-collections")]),

        // Floor 2: the wire, the store's contract, YAML to values.
        floor(
            "Wire",
            ["Arrears", "Leasing", product("SwiftProtobuf", "swift-protobuf"), product("NIOCore", nio)]),
        floor("Ledger", ["Arrears", "LoanBook", "Leasing"]),
        floor("Documents", ["Arrears", product("Yams", "Yams")]),
        floor("SystemParts"),

        // Floor 3: the contract on SQLite; HTTP/2 on libnghttp2.
        floor("SyntheticBook", ["Arrears", "LoanBook", "SystemParts", "Tables"]),
        floor("SQLiteLedger", ["Ledger", "SystemParts", product("GRDB", "GRDB.swift")]),
        .systemLibrary(
            name: "CNGHTTP2", pkgConfig: "libnghttp2", providers: [.apt(["libnghttp2-dev"])]),
        floor(
            "HTTP2Client",
            [
                "CNGHTTP2", product("NIOCore", nio), product("NIOPosix", nio),
                product("NIOTLS", nio), product("NIOSSL", "swift-nio-ssl"),
            ]),

        // Floor 3: who gets which task; what people read; the day's stages. The coordinator's loop joins them.
        floor("DispatchCore", ["Arrears", "Leasing", "Wire", "Ledger"]),
        floor("Reporting", ["Arrears", "Tables", "Leasing", "Wire", "Ledger"]),
        floor(
            "BusinessDay",
            [
                "Arrears", "Tables", "LoanBook", "Leasing", "Wire", "Ledger", "Documents", "Reporting",
                product("Crypto", "swift-crypto"),
            ]),

        // Floor 5: the shells.
        floor(
            "Coordinator",
            [
                "Arrears", "Leasing", "Wire", "Ledger", "SystemParts", "DispatchCore", "BusinessDay",
                product("NIOCore", nio), product("NIOPosix", nio), product("NIOTLS", nio),
                product("NIOSSL", "swift-nio-ssl"), product("X509", "swift-certificates"),
                product("Crypto", "swift-crypto"), product("Logging", "swift-log"),
            ]),
        floor(
            "WorkerKit",
            [
                "Arrears", "Leasing", "SystemParts", "Wire",
                product("NIOCore", nio), product("NIOPosix", nio), product("NIOSSL", "swift-nio-ssl"),
                product("GRDB", "GRDB.swift"), product("Logging", "swift-log"),
            ]),

        // Floor 5: what one stage does to the world, and a world to do it to.
        floor("SMSWorker", ["WorkerKit", "HTTP2Client"]),
        floor("CallQueueWorker", ["WorkerKit", "HTTP2Client"]),
        floor("AgencyWorker", ["WorkerKit", "SystemParts", "Tables", product("Crypto", "swift-crypto")]),
        floor("LegalWorker", ["WorkerKit", "SystemParts", "Tables", product("Crypto", "swift-crypto")]),
        floor(
            "Sandbox",
            [
                "Arrears", "Tables", product("Crypto", "swift-crypto"),
                product("Hummingbird", "hummingbird"), product("HummingbirdHTTP2", "hummingbird"),
                product("ServiceLifecycle", "swift-service-lifecycle"),
            ]),

        // The lease protocol under every fault, from one seed; no product contains it.
        floor(
            "Simulation",
            [
                "Arrears", "LoanBook", "Leasing", "Ledger", "SQLiteLedger", "SystemParts", "DispatchCore",
                product("Collections", "swift-collections"),
            ]),

        // The ledger and the journals on a disk whose power is cut; no product contains it.
        floor(
            "PowerCuts",
            [
                "Arrears", "Leasing", "Ledger", "SQLiteLedger", "SystemParts", "DispatchCore", "BusinessDay",
                "Coordinator", "WorkerKit",
                product("GRDBSQLite", "GRDB.swift"),
            ]),

        // Floor 6: the command line.
        .executableTarget(
            name: "simulate",
            dependencies: ["Simulation", product("ArgumentParser", "swift-argument-parser")]),
        .executableTarget(
            name: "powercut",
            dependencies: ["PowerCuts", product("ArgumentParser", "swift-argument-parser")]),
        .executableTarget(
            name: "recoup",
            dependencies: [
                "Documents", "SyntheticBook", "SQLiteLedger", "Reporting", "BusinessDay", "Coordinator", "SMSWorker",
                "CallQueueWorker", "AgencyWorker", "LegalWorker", "Sandbox",
                product("ArgumentParser", "swift-argument-parser"), product("Logging", "swift-log"),
            ]),

        .testTarget(name: "ArrearsTests", dependencies: ["Arrears", "SystemParts"]),
        .testTarget(name: "TablesTests", dependencies: ["SystemParts", "Tables"]),
        .testTarget(name: "LoanBookTests", dependencies: ["LoanBook", "SyntheticBook"]),
        .testTarget(name: "LeasingTests", dependencies: ["Leasing", "SystemParts"]),
        .testTarget(
            name: "WireTests",
            dependencies: ["Wire", product("NIOEmbedded", nio), product("NIOTestUtils", nio)]),
        .testTarget(
            name: "LedgerTests",
            dependencies: [
                "Ledger", "SQLiteLedger", product("GRDB", "GRDB.swift"), product("GRDBSQLite", "GRDB.swift"),
            ],
            exclude: ["Fixtures"]),
        .testTarget(name: "DocumentsTests", dependencies: ["Documents", "LoanBook", "Tables"]),
        .testTarget(
            name: "HTTP2ClientTests",
            dependencies: [
                "HTTP2Client", "Sandbox", product("Hummingbird", "hummingbird"),
                product("HummingbirdHTTP2", "hummingbird"), product("NIOEmbedded", nio),
                product("ServiceLifecycle", "swift-service-lifecycle"),
            ]),
        // A core that tests drive by hand.
        .target(name: "CoreBench", dependencies: ["DispatchCore"], path: "Tests/CoreBench"),
        .testTarget(name: "DispatchCoreTests", dependencies: ["CoreBench", "DispatchCore"]),
        .testTarget(name: "BusinessDayTests", dependencies: ["BusinessDay", "CoreBench"]),
        .testTarget(name: "ReportingTests", dependencies: ["Reporting"]),
        .testTarget(
            name: "CoordinatorTests",
            dependencies: [
                "CoreBench", "Coordinator", "SQLiteLedger", "Documents", "PowerCuts", product("GRDB", "GRDB.swift"),
                product("Crypto", "swift-crypto"),
            ]),
        .testTarget(name: "WorkerKitTests", dependencies: ["SystemParts", "WorkerKit"]),
        .testTarget(
            name: "StageWorkerTests",
            dependencies: ["SMSWorker", "CallQueueWorker", "AgencyWorker", "LegalWorker", "Sandbox"]),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation"]),
        .testTarget(
            name: "PowerCutsTests", dependencies: ["PowerCuts", product("GRDB", "GRDB.swift")]),
        .testTarget(name: "ArchitectureTests"),

        // What strangers can send, against the code that reads it (docs/fuzzing.md).
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Arrears", "Tables", "LoanBook", "Leasing", "Wire", "Documents", "HTTP2Client", "WorkerKit",
                "SMSWorker",
                "CallQueueWorker", "AgencyWorker", product("NIOCore", nio), product("NIOEmbedded", nio),
            ],
            path: "Tests/FuzzTargets"),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets", "SystemParts"]),
        .testTarget(name: "EndToEndTests", dependencies: ["recoup", "Leasing", "Wire", "Ledger", "SQLiteLedger"]),
    ],
    swiftLanguageModes: [.v6]
)

// Only these test targets and what they stand on: see scripts/floor.sh.
if let tests = Context.environment["RECOUP_TESTS"] {
    var kept: Set<String> = []
    func keep(_ name: String) {
        guard let target = package.targets.first(where: { $0.name == name }), kept.insert(name).inserted else { return }
        for case .byNameItem(let name, _) in target.dependencies { keep(name) }
    }
    tests.split(separator: " ").forEach { keep(String($0)) }
    package.targets.removeAll { !kept.contains($0.name) }
    package.products = []
}

// Documentation of the lower floors: see scripts/docc.sh.
if Context.environment["RECOUP_DOCC"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}

// libFuzzer brings the program's `main`, so this one links only under `--sanitize fuzzer`: see scripts/fuzz.sh.
if Context.environment["RECOUP_FUZZ"] != nil {
    package.targets.append(.executableTarget(name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz"))
}
