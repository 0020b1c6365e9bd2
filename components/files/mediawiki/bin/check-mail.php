<?php
// Prints whether the mail server accepts mail from this wiki, without sending any: "unset", "ok", or the reason why not.
declare( strict_types=1 );
require dirname( __DIR__ ) . '/src/bootstrap.php';
require '/var/www/html/vendor/autoload.php';

$mail = Settings::read()['mail'];
if ( $mail['host'] === '' ) {
	exit( 'unset' );
}
$mailer = Mail::factory( 'smtp', require Settings::FOLDER . '/smtp.php' ); // its destructor disconnects
$server = $mailer->getSMTPObject();
if ( PEAR::isError( $server ) ) {
	exit( $server->getMessage() );
}
if ( PEAR::isError( $server->mailFrom( $mail['from'] ) ) ) {
	[ $code, $answer ] = $server->getResponse();
	exit( "{$mail['from']} may not send mail: $code $answer" );
}
$server->rset();
echo 'ok';
