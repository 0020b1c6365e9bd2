<?php
// Where sessions are: in the database.

/**
 * MediaWiki takes a session that it cannot read for one that has ended, and has the browser forget it: a database that is away for a
 * moment would log out whoever clicks in it. Here it is an error, and the session is still there afterwards.
 */
class SessionStore extends SqlBagOStuff {
	public function get( $key, $flags = 0 ) {
		$before = $this->watchErrors();
		$session = parent::get( $key, $flags );
		if ( $session === false && $this->getLastError( $before ) !== self::ERR_NONE ) {
			throw new Wikimedia\Rdbms\DBConnectionError( null, 'sessions cannot be read' );
		}
		return $session;
	}
}
