// A release carries Foundation inside, and with it 34 MB of ICU's data: calendars, collations, names of languages. gameday
// has no use for any of it. Built with GAMEDAY_NO_ICU_DATA naming the data's symbol (see .ci/release), this table with
// nothing in it takes its place; ICU then answers that it has no data, as it would without its data file.

#ifdef GAMEDAY_NO_ICU_DATA
#include <stdint.h>

// ICU's own format of a table of contents (ToCP): a header of 32 bytes, then the number of entries.
const struct {
    uint16_t header_size;
    uint8_t magic[2];
    uint16_t info_size, reserved;
    uint8_t is_big_endian, charset_family, char_size, reserved_byte;
    uint8_t format[4], format_version[4], data_version[4], padding[8];
    uint32_t count, reserved_count, no_entry[4];
} GAMEDAY_NO_ICU_DATA = {
    .header_size = 32,
    .magic = {0xda, 0x27},
    .info_size = 20,
    .is_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
    .char_size = 2,
    .format = {'T', 'o', 'C', 'P'},
    .format_version = {1},
};
#endif
