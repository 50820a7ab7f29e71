// SPDX-License-Identifier: Apache-2.0
#include "recorder/inventory/https_get.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <limits>

namespace ig {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using Stream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::chrono::seconds kConnectPatience{10};
constexpr std::size_t kChunkBytes = 64 << 10;

std::unexpected<Error> failed(const KubeConfig& config, std::string_view deed,
                              const error_code& error) {
  return fail(ErrorCode::kFailed,
              fmt::format("cannot {} {}: {}", deed, config.url(),
                          error == beast::error::timeout ? "no answer in time" : error.message()));
}

// What OpenSSL has against the server's certificate, where that is what went wrong.
std::unexpected<Error> handshake_failed(const KubeConfig& config, Stream& stream,
                                        const error_code& error) {
  const auto verdict = SSL_get_verify_result(stream.native_handle());
  if (verdict == X509_V_OK) return failed(config, "agree on TLS with", error);
  return fail(ErrorCode::kInvalid,
              fmt::format("the certificate of {} is not trusted: {}", config.url(),
                          X509_verify_cert_error_string(verdict)),
              "certificate-authority of the kubeconfig says whom to trust");
}

// The name goes into the handshake, as several servers may share an address; an address does not.
Result<> prepare(Stream& stream, const KubeConfig& config) {
  error_code not_address;
  asio::ip::make_address(config.server_name, not_address);
  if (not_address &&
      SSL_set_tlsext_host_name(stream.native_handle(), config.server_name.c_str()) != 1) {
    return fail(ErrorCode::kInvalid,
                fmt::format("'{}' is no name of a server", config.server_name));
  }
  if (config.is_verified) {
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification(config.server_name));
  } else {
    stream.set_verify_mode(asio::ssl::verify_none);
  }
  return {};
}

Result<http::request<http::empty_body>> make_request(const HttpsRequest& request) {
  IG_ASSIGN(const auto token, request.config.bearer());
  http::request<http::empty_body> made(http::verb::get, request.config.prefix + request.target, 11);
  made.set(http::field::host, request.config.server_name);
  made.set(http::field::user_agent, "ig");
  made.set(http::field::accept, "application/json");
  made.set(http::field::connection, "close");
  const bool is_sound =
      std::ranges::none_of(token, [](unsigned char c) { return c <= ' ' || c >= 0x7f; });
  if (!is_sound) return fail(ErrorCode::kInvalid, "the token has characters that no token has");
  if (!token.empty()) made.set(http::field::authorization, "Bearer " + token);
  return made;
}

asio::awaitable<Result<>> connect(Stream& stream, const HttpsRequest& request) {
  const auto& config = request.config;
  error_code error;
  asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
  const auto endpoints = co_await resolver.async_resolve(
      config.host, config.port, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failed(config, "find", error);
  auto& socket = beast::get_lowest_layer(stream);
  socket.expires_after(kConnectPatience);
  co_await socket.async_connect(endpoints, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failed(config, "reach", error);
  co_await stream.async_handshake(asio::ssl::stream_base::client,
                                  asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return handshake_failed(config, stream, error);
  co_return Result<>{};
}

// The body, piece by piece, until it ends or was enough.
asio::awaitable<Result<>> read_body(Stream& stream, beast::flat_buffer& buffer,
                                    http::response_parser<http::buffer_body>& parser,
                                    const HttpsRequest& request, const OnBody& on_body) {
  std::array<char, kChunkBytes> chunk{};
  std::uint64_t total = 0;
  while (!parser.is_done()) {
    auto& body = parser.get().body();
    body.data = chunk.data();
    body.size = chunk.size();
    error_code error;
    beast::get_lowest_layer(stream).expires_after(request.patience);
    co_await http::async_read_some(stream, buffer, parser,
                                   asio::redirect_error(asio::use_awaitable, error));
    const auto got = chunk.size() - body.size;
    total += got;
    if (total > request.most_bytes) {
      co_return fail(ErrorCode::kInvalid,
                     fmt::format("{} answers more than {} bytes to {}", request.config.url(),
                                 request.most_bytes, request.target));
    }
    if (got > 0 && !on_body({chunk.data(), got})) co_return Result<>{};
    if (error && error != http::error::need_buffer) {
      co_return failed(request.config, "read all of the answer of", error);
    }
  }
  co_return Result<>{};
}

}  // namespace

Result<asio::ssl::context> make_tls_context(const KubeConfig& config) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  error_code error;
  const auto given = [](const std::string& pem) { return asio::buffer(pem.data(), pem.size()); };
  const auto bad = [&](std::string_view what) {
    return fail(ErrorCode::kInvalid, fmt::format("{} cannot be used: {}", what, error.message()));
  };
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  if (config.ca.empty()) {
    context.set_default_verify_paths(error);
  } else {
    context.add_certificate_authority(given(config.ca), error);
  }
  if (error) return bad("the certificate authority");
  if (config.certificate.empty()) return context;
  context.use_certificate_chain(given(config.certificate), error);
  if (error) return bad("the client certificate");
  context.use_private_key(given(config.key), asio::ssl::context::pem, error);
  if (error) return bad("the client key");
  return context;
}

asio::awaitable<Result<int>> https_get(const HttpsRequest& request, const OnBody& on_body) {
  auto question = make_request(request);
  if (!question) co_return std::unexpected(question.error());
  Stream stream(co_await asio::this_coro::executor, request.tls);
  if (auto prepared = prepare(stream, request.config); !prepared) {
    co_return std::unexpected(prepared.error());
  }
  const auto connected = co_await connect(stream, request);
  if (!connected) co_return std::unexpected(connected.error());
  error_code error;
  beast::get_lowest_layer(stream).expires_after(request.patience);
  co_await http::async_write(stream, *question, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failed(request.config, "ask", error);
  beast::flat_buffer buffer;
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  co_await http::async_read_header(stream, buffer, parser,
                                   asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return failed(request.config, "get an answer of", error);
  const int status = static_cast<int>(parser.get().result_int());
  if (request.on_status) request.on_status(status);
  const auto read = co_await read_body(stream, buffer, parser, request, on_body);
  if (!read) co_return std::unexpected(read.error());
  co_return status;
}

}  // namespace ig
