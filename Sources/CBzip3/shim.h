// libbzip3 as the system has it (Debian: libbzip3-dev), and a door to what differs between its releases.
#ifndef GAMEDAY_CBZIP3_H
#define GAMEDAY_CBZIP3_H

#include <libbz3.h>

/// Until 1.4 the decoder is not told how large the buffer is.
typedef int32_t (*gameday_bz3_decoder)(struct bz3_state *, uint8_t *, int32_t, int32_t);
typedef int32_t (*gameday_bz3_told_decoder)(struct bz3_state *, uint8_t *, size_t, int32_t, int32_t);

static inline int32_t gameday_bz3_untold(
    void (*decode)(void), struct bz3_state *state, uint8_t *buffer, size_t room, int32_t size, int32_t plain) {
    (void)room;
    return ((gameday_bz3_decoder)decode)(state, buffer, size, plain);
}

static inline int32_t gameday_bz3_told(
    void (*decode)(void), struct bz3_state *state, uint8_t *buffer, size_t room, int32_t size, int32_t plain) {
    return ((gameday_bz3_told_decoder)decode)(state, buffer, room, size, plain);
}

/// Unpacks a block in place. The room must be what `bz3_bound` says for the largest block of the state, not of this
/// one: 1.2 trusts the sizes within a block up to that.
static inline int32_t gameday_bz3_decode(
    struct bz3_state *state, uint8_t *buffer, size_t room, int32_t size, int32_t plain) {
    return _Generic(
        &bz3_decode_block, gameday_bz3_decoder: gameday_bz3_untold, gameday_bz3_told_decoder: gameday_bz3_told)(
        (void (*)(void))bz3_decode_block, state, buffer, room, size, plain);
}

#endif
