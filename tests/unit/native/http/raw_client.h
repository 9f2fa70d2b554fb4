// A client that sends bytes as they are, to see what a server does with them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ashlar::http {

class RawClient {
  public:
    explicit RawClient(std::uint16_t port);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    // Whether all of it could be sent.
    bool send(std::string_view bytes);
    void half_close();
    // One answer with a Content-Length (or none, after `head_only`); what is left stays for the
    // next call. Empty where the server closed first.
    std::string answer(bool head_only = false);
    // Everything until the server closes.
    std::string rest();

  private:
    bool read_more();

    int socket_ = -1;
    std::string received_;
};

// The status of an answer, 0 where it is none.
int status_of(std::string_view answer);

}  // namespace ashlar::http
