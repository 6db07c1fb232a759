// libbzip3 as the system has it (Debian: libbzip3-dev).
#include <libbz3.h>
