// The one door to libcurl. Its variadic functions become typed ones here.
#ifndef GAMEDAY_CCURL_H
#define GAMEDAY_CCURL_H

#include <curl/curl.h>

#endif
