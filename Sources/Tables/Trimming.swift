// Owns: a cell without the blanks around it.

extension ArraySlice<UInt8> {
    /// Without spaces and tabs at both ends.
    package func trimmed() -> ArraySlice<UInt8> {
        var start = startIndex
        var end = endIndex
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
        while end > start, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
        return self[start..<end]
    }
}
