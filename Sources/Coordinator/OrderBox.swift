// Owns: orders for runs that other processes leave as files, so that `recoup run` can hand one to a live coordinator.
import BusinessDay
import Arrears
import Foundation

/// `DIR/orders/<run>.json`: written whole under another name and renamed, taken in order of name, removed when the run
/// stands in the ledger.
package struct OrderBox: Sendable {
    package let directory: String

    package init(dataDirectory: String) { directory = "\(dataDirectory)/orders" }

    /// Leaves an order for the coordinator.
    package func put(_ order: RunOrder) throws(FileFault) {
        let path = self.path(of: order.run)
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Data(try order.json().utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw FileFault(path: path, reason: "cannot be written: \(error.localizedDescription)")
        }
    }

    /// The next order; nil when there is none. One that cannot be read is put aside under `.bad`.
    func next() throws(FileFault) -> RunOrder? {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else { return nil }
        for name in names.sorted() where name.hasSuffix(".json") {
            let path = "\(directory)/\(name)"
            if let data = FileManager.default.contents(atPath: path),
                let order = try? RunOrder(json: String(decoding: data, as: UTF8.self)),
                path == self.path(of: order.run)
            {
                return order
            }
            guard rename(path, path + ".bad") == 0 else {
                throw FileFault(path: path, reason: "expected an order, and cannot be put aside")
            }
        }
        return nil
    }

    func remove(_ run: RunID) { unlink(path(of: run)) }

    private func path(of run: RunID) -> String { "\(directory)/\(run).json" }
}
