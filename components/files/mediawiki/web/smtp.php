<?php
// How MediaWiki sends mail: https://www.mediawiki.org/wiki/Manual:$wgSMTP
return ( static function (): array {
	$mail = json_decode( file_get_contents( __DIR__ . '/wiki.json' ), true, 16, JSON_THROW_ON_ERROR )['mail'];
	return [
		// On port 465 TLS begins with the connection. On other ports PEAR uses STARTTLS before it signs in.
		'host' => ( $mail['port'] === 465 ? 'ssl://' : '' ) . $mail['host'],
		'port' => $mail['port'],
		'timeout' => 10, // seconds
		'auth' => $mail['user'] !== '',
		'username' => $mail['user'],
		'password' => file_get_contents( '/etc/mediawiki-secrets/mail-password' ),
	];
} )();
