// Asio with concrete executors: one io_context a thread needs no type erasure and no strands.
// Included by connection.cpp and http_server.cpp alone.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

namespace ashlar::http {

namespace net = boost::asio;
using Executor = net::io_context::executor_type;
using Clock = std::chrono::steady_clock;
using Socket = net::basic_stream_socket<net::ip::tcp, Executor>;
using Acceptor = net::basic_socket_acceptor<net::ip::tcp, Executor>;
using Timer = net::basic_waitable_timer<Clock, net::wait_traits<Clock>, Executor>;
template <typename T>
using Awaitable = net::awaitable<T, Executor>;

// co_await gives (error_code, results...): no exception for what a client does.
inline constexpr auto kTuple = net::as_tuple(net::use_awaitable_t<Executor>());

}  // namespace ashlar::http
