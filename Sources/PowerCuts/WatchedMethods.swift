// Owns: what SQLite may do with a file under watch: each operation is told to the disk, then done by the system's VFS.
import GRDBSQLite

// Filled once, before the first file is opened, and only read from then on.
nonisolated(unsafe) let watchedMethods: UnsafeMutablePointer<sqlite3_io_methods> = {
    var methods = sqlite3_io_methods()
    // Version 2: with shared memory for the log's index, without files mapped into memory, which no shim would see.
    methods.iVersion = 2
    methods.xClose = { close($0) }
    methods.xRead = { read($0, $1, $2, $3) }
    methods.xWrite = { write($0, $1, $2, $3) }
    methods.xTruncate = { truncate($0, $1) }
    methods.xSync = { file, _ in sync(file) }
    passOn(&methods)
    let pointer = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    pointer.initialize(to: methods)
    return pointer
}()

/// What is none of the disk's business: sizes, locks, shared memory.
private func passOn(_ methods: inout sqlite3_io_methods) {
    methods.xFileSize = { file, size in
        guard let real = Real(file) else { return SQLITE_IOERR }
        return real.methods.xFileSize(real.file, size)
    }
    methods.xLock = { file, level in
        guard let real = Real(file) else { return SQLITE_IOERR }
        return real.methods.xLock(real.file, level)
    }
    methods.xUnlock = { file, level in
        guard let real = Real(file) else { return SQLITE_IOERR }
        return real.methods.xUnlock(real.file, level)
    }
    methods.xCheckReservedLock = { file, answer in
        guard let real = Real(file) else { return SQLITE_IOERR }
        return real.methods.xCheckReservedLock(real.file, answer)
    }
    methods.xFileControl = { file, operation, argument in
        guard let real = Real(file) else { return SQLITE_IOERR }
        return real.methods.xFileControl(real.file, operation, argument)
    }
    methods.xSectorSize = { file in
        guard let real = Real(file) else { return Int32(DiskImage.sectorBytes) }
        return real.methods.xSectorSize(real.file)
    }
    methods.xDeviceCharacteristics = { file in
        guard let real = Real(file) else { return 0 }
        return real.methods.xDeviceCharacteristics(real.file)
    }
    methods.xShmMap = { file, region, size, extends, memory in
        guard let real = Real(file) else { return SQLITE_IOERR }
        return real.methods.xShmMap(real.file, region, size, extends, memory)
    }
    methods.xShmLock = { file, offset, count, flags in
        guard let real = Real(file) else { return SQLITE_IOERR }
        return real.methods.xShmLock(real.file, offset, count, flags)
    }
    methods.xShmBarrier = { file in
        guard let real = Real(file) else { return }
        real.methods.xShmBarrier(real.file)
    }
    methods.xShmUnmap = { file, removes in
        guard let real = Real(file) else { return SQLITE_IOERR }
        return real.methods.xShmUnmap(real.file, removes)
    }
}

/// The system's own file behind a watched one.
private struct Real {
    var file: UnsafeMutablePointer<sqlite3_file>
    var methods: sqlite3_io_methods
    var watch: Watch

    init?(_ watched: UnsafeMutablePointer<sqlite3_file>?) {
        guard let watched, let methods = WatchedFile.real(watched).pointee.pMethods?.pointee else { return nil }
        file = WatchedFile.real(watched)
        self.methods = methods
        watch = WatchedFile.watch(watched).takeUnretainedValue()
    }
}

private func close(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
    guard let file, let real = Real(file) else { return IOFault.close }
    let code = real.methods.xClose(real.file)
    WatchedFile.watch(file).release()
    file.pointee.pMethods = nil
    return code
}

private func read(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ buffer: UnsafeMutableRawPointer?, _ count: Int32, _ offset: Int64
) -> Int32 {
    guard let real = Real(file), !real.watch.disk.isOff else { return IOFault.read }
    return real.methods.xRead(real.file, buffer, count, offset)
}

private func write(
    _ file: UnsafeMutablePointer<sqlite3_file>?, _ buffer: UnsafeRawPointer?, _ count: Int32, _ offset: Int64
) -> Int32 {
    guard let real = Real(file), let buffer else { return IOFault.write }
    let bytes = Array(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
    switch real.watch.disk.write(bytes, to: real.watch.file, at: Int(offset), isStore: real.watch.isStore) {
    case .done: return real.methods.xWrite(real.file, buffer, count, offset)
    case .off: return IOFault.write
    case .full: return SQLITE_FULL
    }
}

private func truncate(_ file: UnsafeMutablePointer<sqlite3_file>?, _ size: Int64) -> Int32 {
    guard let real = Real(file),
        real.watch.disk.truncate(real.watch.file, to: Int(size), isStore: real.watch.isStore) == .done
    else { return IOFault.truncate }
    return real.methods.xTruncate(real.file, size)
}

/// The system is not asked to sync: what a sync is worth is the disk's matter here.
private func sync(_ file: UnsafeMutablePointer<sqlite3_file>?) -> Int32 {
    guard let real = Real(file),
        real.watch.disk.sync(real.watch.file, syncsNames: real.watch.owesNames, isStore: real.watch.isStore) == .done
    else { return IOFault.sync }
    real.watch.owesNames = false
    return SQLITE_OK
}
