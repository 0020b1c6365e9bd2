<?php
namespace Pantry;

use Job;
use MediaWiki\MediaWikiServices;

class LabelJob extends Job {
	public function __construct( $title, array $params ) {
		parent::__construct( 'pantryLabel', $title, $params );
	}

	public function run() {
		$database = MediaWikiServices::getInstance()->getDBLoadBalancer()->getConnection( DB_PRIMARY );
		$database->insert( 'pantry_jar', [ 'jar_page' => $this->getTitle()->getArticleID() ], __METHOD__ );
		return true;
	}
}
