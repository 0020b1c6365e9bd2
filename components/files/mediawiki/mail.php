<?php
// Prints whether the mail server would take mail from this wiki, and sends none: "unset", "ok", or the reason why not.
declare( strict_types=1 );
require '/var/www/html/vendor/autoload.php';

$wiki = json_decode( file_get_contents( __DIR__ . '/wiki.json' ), true, 16, JSON_THROW_ON_ERROR );
if ( $wiki['mail']['host'] === '' ) {
	exit( 'unset' );
}
$mailer = Mail::factory( 'smtp', require __DIR__ . '/smtp.php' ); // hangs up when it is destroyed
$server = $mailer->getSMTPObject();
if ( PEAR::isError( $server ) ) {
	exit( $server->getMessage() );
}
if ( PEAR::isError( $server->mailFrom( $wiki['mail']['from'] ) ) ) {
	[ $code, $answer ] = $server->getResponse();
	exit( "{$wiki['mail']['from']} may not send mail: $code $answer" );
}
$server->rset();
echo 'ok';
