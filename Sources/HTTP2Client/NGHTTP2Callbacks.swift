// Owns: the C callbacks of libnghttp2, each a line that hands over to the session. Nothing is decided here.
import CNGHTTP2

private func owner(_ context: UnsafeMutableRawPointer?) -> NGHTTP2Session {
    guard let context else { preconditionFailure("nghttp2: a callback without its session") }
    // The session outlives the library's object, which it deletes in its own deinit; so the pointer is good.
    return Unmanaged<NGHTTP2Session>.fromOpaque(context).takeUnretainedValue()
}

/// Says how long the next DATA frame is; its bytes are written by the send-data callback, without a copy in between.
let ngHTTP2ReadCallback: nghttp2_data_source_read_callback = { _, id, _, limit, flags, _, context in
    let (length, isLast) = owner(context).bodyLength(of: id, limit: limit)
    var bits = NGHTTP2_DATA_FLAG_NO_COPY.rawValue
    if isLast { bits |= NGHTTP2_DATA_FLAG_EOF.rawValue }
    flags?.pointee |= bits
    return length
}

func setNGHTTP2Callbacks(_ callbacks: OpaquePointer?) {
    nghttp2_session_callbacks_set_before_frame_send_callback(callbacks) { _, frame, context in
        if let frame, frame.pointee.hd.type == UInt8(NGHTTP2_HEADERS.rawValue) {
            owner(context).willSendHeaders(of: frame.pointee.hd.stream_id)
        }
        return 0
    }
    nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, frame, header, length, _, context in
        guard let frame, let header else { return Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
        let isEnough = owner(context).writeData(of: frame.pointee.hd.stream_id, header: header, length: length)
        return isEnough ? Int32(NGHTTP2_ERR_PAUSE.rawValue) : 0
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
        _, frame, name, nameLength, value, valueLength, _, context in
        guard let frame else { return 0 }
        owner(context).received(
            header: String(decoding: UnsafeBufferPointer(start: name, count: nameLength), as: UTF8.self),
            value: String(decoding: UnsafeBufferPointer(start: value, count: valueLength), as: UTF8.self),
            on: frame.pointee.hd.stream_id)
        return 0
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, bytes, count, context in
        owner(context).receivedData(UnsafeBufferPointer(start: bytes, count: count), on: id)
        return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, context in
        owner(context).closed(id, code: code)
        return 0
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, context in
        if let frame { received(frame.pointee, by: owner(context)) }
        return 0
    }
}

private func received(_ frame: nghttp2_frame, by session: NGHTTP2Session) {
    let head = frame.hd
    let ends = head.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    let isAcknowledgement = head.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
    switch UInt32(head.type) {
    case NGHTTP2_HEADERS.rawValue:
        session.receivedHeaders(on: head.stream_id, ends: ends)
    case NGHTTP2_DATA.rawValue:
        session.receivedDataFrame(on: head.stream_id, ends: ends)
    case NGHTTP2_SETTINGS.rawValue:
        if !isAcknowledgement { session.receivedSettings() }
    case NGHTTP2_PING.rawValue:
        if isAcknowledgement { session.receivedPingAcknowledgement() }
    case NGHTTP2_GOAWAY.rawValue:
        let text = UnsafeBufferPointer(start: frame.goaway.opaque_data, count: frame.goaway.opaque_data_len)
        session.receivedGoAway(
            lastStream: frame.goaway.last_stream_id, code: frame.goaway.error_code,
            text: String(decoding: text, as: UTF8.self))
    default:
        // Frames of other types are the library's own business.
        break
    }
}
