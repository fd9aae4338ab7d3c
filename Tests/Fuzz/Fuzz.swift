// Owns: the door by which libFuzzer comes in. RECOUP_FUZZ_TARGET names the target.
import Foundation
import FuzzTargets

private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["RECOUP_FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        let known = FuzzTarget.all.map(\.name).joined(separator: ", ")
        fatalError("RECOUP_FUZZ_TARGET: expected one of \(known), got \"\(name)\"")
    }
    return target
}()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafeRawPointer?, _ count: Int) -> CInt {
    do {
        try target.run(Array(UnsafeRawBufferPointer(start: bytes, count: count)))
        return 0
    } catch {
        fatalError("\(target.name): \(error)")
    }
}
